package org.pgpod.image.pod;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Kubernetes' own types as a schema: reads an object into them and finds the fields that they do not have. */
final class KubernetesModel {
    private static final Map<String, Class<?>> TYPES = Map.ofEntries(
            Map.entry("StatefulSet", StatefulSet.class),
            Map.entry("Pod", Pod.class),
            Map.entry("Service", Service.class),
            Map.entry("Secret", Secret.class),
            Map.entry("ServiceAccount", ServiceAccount.class),
            Map.entry("ConfigMap", ConfigMap.class),
            Map.entry("Role", Role.class),
            Map.entry("RoleBinding", RoleBinding.class),
            Map.entry("ClusterRole", ClusterRole.class),
            Map.entry("ClusterRoleBinding", ClusterRoleBinding.class),
            Map.entry("PodDisruptionBudget", PodDisruptionBudget.class));

    private KubernetesModel() {}

    static boolean knows(ObjectNode object) {
        return TYPES.containsKey(object.path("kind").asText());
    }

    /** Fields of the object that its Kubernetes type does not have; fails if a value has the wrong type. */
    static List<String> unknownFields(ObjectNode object) {
        Class<?> type = TYPES.get(object.path("kind").asText());
        if (type == null) {
            throw new IllegalArgumentException("no type for " + object.path("kind"));
        }
        try {
            var unknown = new ArrayList<String>();
            collect(new ObjectMapper().treeToValue(object, type), type.getSimpleName(), unknown);
            return unknown;
        } catch (JsonProcessingException | ReflectiveOperationException e) {
            throw new IllegalArgumentException(object.path("kind") + ": " + e.getMessage(), e);
        }
    }

    /** The models keep what they do not know in {@code additionalProperties}: a schema check must look there. */
    private static void collect(@Nullable Object value, String path, List<String> unknown)
            throws IllegalAccessException, InvocationTargetException {
        if (value instanceof Collection<?> elements) {
            for (Object element : elements) {
                collect(element, path + "[]", unknown);
            }
        } else if (value instanceof Map<?, ?> entries) {
            for (Object entry : entries.values()) {
                collect(entry, path + ".*", unknown);
            }
        } else if (value != null && value.getClass().getName().startsWith("io.fabric8.kubernetes.api.model")) {
            for (Method method : value.getClass().getMethods()) {
                boolean getter = method.getName().startsWith("get") && method.getParameterCount() == 0;
                if (method.getName().equals("getAdditionalProperties")) {
                    ((Map<?, ?>) method.invoke(value)).keySet().forEach(key -> unknown.add(path + "." + key));
                } else if (getter && method.getDeclaringClass() != Object.class) {
                    collect(method.invoke(value), path + "." + method.getName().substring(3), unknown);
                }
            }
        }
    }
}
