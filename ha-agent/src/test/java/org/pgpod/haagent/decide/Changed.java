package org.pgpod.haagent.decide;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;
import org.pgpod.haagent.model.MemberFormat;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;

/** A member's state with some keys of its text form changed. */
final class Changed {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Changed() {}

    static MemberStatus status(MemberStatus status, Consumer<ObjectNode> change) {
        try {
            ObjectNode json = (ObjectNode) JSON.readTree(MemberFormat.format(status));
            change.accept(json);
            return MemberFormat.parse(json.toString()).valid().orElseThrow();
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static MemberSighting member(MemberSighting before, Consumer<ObjectNode> change) {
        return new MemberSighting(status(before.status(), change), before.resourceVersion(), before.changedMillis());
    }
}
