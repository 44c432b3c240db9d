package org.pgpod.haagent.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What is wrong with an operator's lines of pg_hba.conf: a line that Postgres cannot read would keep it from starting. */
final class HbaLines {
    private static final Set<String> NETWORK_TYPES =
            new TreeSet<>(Set.of("host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"));
    private static final Set<String> METHODS =
            new TreeSet<>(Set.of("scram-sha-256", "md5", "password", "reject", "ldap", "radius", "pam"));

    /** Methods of Postgres that make no sense behind wire-proxy, and why. */
    private static final Map<String, String> REFUSED = new TreeMap<>(Map.of(
            "trust", "it lets everybody in who reaches wire-proxy",
            "peer", "all clients reach Postgres as the same user, wire-proxy's",
            "ident", "all clients reach Postgres from the same process, wire-proxy's",
            "cert", "wire-proxy ends TLS, so that Postgres sees no certificate",
            "gss", "wire-proxy does not relay GSSAPI",
            "sspi", "it exists on Windows only",
            "bsd", "it exists on OpenBSD only"));

    private static final Set<String> WORDS = Set.of("all", "samehost", "samenet");
    private static final Pattern NUMERIC =
            Pattern.compile("(?<address>[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)(/(?<bits>[0-9]{1,3}))?");
    private static final Pattern HOST = Pattern.compile("\\.?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?");
    private static final int BITS_OF_4 = 32;
    private static final int BITS_OF_6 = 128;

    private HbaLines() {}

    static List<String> problems(List<String> lines) {
        List<String> problems = new ArrayList<>();
        for (int index = 0; index < lines.size(); index++) {
            try {
                check(AccessFields.of(lines.get(index).strip()));
            } catch (IllegalArgumentException wrong) {
                problems.add("postgresql.pg_hba line " + (index + 1) + " is '" + lines.get(index) + "': "
                        + wrong.getMessage());
            }
        }
        return problems;
    }

    private static void check(AccessFields line) {
        String type = line.word(0, "the type of connection");
        boolean local = type.equals("local");
        if (!local && !NETWORK_TYPES.contains(type)) {
            throw new IllegalArgumentException(
                    "the type of connection must be local or one of " + String.join(", ", NETWORK_TYPES));
        }
        if (line.size() < 3) {
            throw new IllegalArgumentException("a database, a user and a method must follow the type");
        }
        int method = local ? 3 : afterAddress(line);
        checkMethod(line.word(method, "the method"));
        for (int option = method + 1; option < line.size(); option++) {
            if (!line.word(option, "an option").matches("[a-z_]+=.+")) {
                throw new IllegalArgumentException("after the method only options such as map=name may stand");
            }
        }
    }

    /** Checks the address and, if it has none of its own, the mask; returns where the method is. */
    private static int afterAddress(AccessFields line) {
        String address = line.word(3, "the address");
        var numeric = NUMERIC.matcher(address);
        if (!numeric.matches()) {
            if (!WORDS.contains(address) && !HOST.matcher(address).matches()) {
                throw new IllegalArgumentException(
                        "'" + address + "' is no address, host name, all, samehost or samenet");
            }
            return 4;
        }
        requireAddress(numeric.group("address"));
        if (numeric.group("bits") == null) {
            requireAddress(line.word(4, "the mask of " + address + ", or /bits after it,"));
            return 5;
        }
        int most = address.contains(":") ? BITS_OF_6 : BITS_OF_4;
        if (Integer.parseInt(numeric.group("bits")) > most) {
            throw new IllegalArgumentException("'" + address + "' has more than " + most + " bits");
        }
        return 4;
    }

    private static void requireAddress(String text) {
        boolean usable = text.contains(":")
                ? isSixth(text)
                : text.matches("((25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(\\.(?!$)|$)){4}");
        if (!usable) {
            throw new IllegalArgumentException("'" + text + "' is no address of IPv4 or IPv6");
        }
    }

    private static boolean isSixth(String text) {
        String[] groups = text.split(":", -1);
        boolean shortened = text.contains("::");
        boolean once = text.indexOf("::") == text.lastIndexOf("::") && !text.contains(":::");
        boolean sized = shortened ? groups.length <= 9 : groups.length == 8;
        return once
                && sized
                && text.matches("[0-9a-fA-F:]*")
                && List.of(groups).stream().allMatch(group -> group.length() <= 4);
    }

    private static void checkMethod(String method) {
        if (REFUSED.containsKey(method)) {
            throw new IllegalArgumentException("the method " + method + " is not allowed: " + REFUSED.get(method)
                    + "; allowed are " + String.join(", ", METHODS));
        }
        if (!METHODS.contains(method)) {
            throw new IllegalArgumentException(
                    "'" + method + "' is no method; allowed are " + String.join(", ", METHODS));
        }
    }
}
