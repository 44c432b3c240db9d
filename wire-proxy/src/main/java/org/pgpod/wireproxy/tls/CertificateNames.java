package org.pgpod.wireproxy.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** The names by which a client's certificate may be known: its common name, then its alternative names. */
final class CertificateNames {
    private static final int EMAIL = 1;
    private static final int DNS = 2;
    private static final int URI = 6;
    private static final List<Integer> KINDS = List.of(EMAIL, DNS, URI);

    private CertificateNames() {}

    /** Those of this certificate; a name with a zero byte, which could end early somewhere, is none. */
    static List<String> of(X509Certificate certificate) {
        List<String> names = new ArrayList<>(commonNames(certificate));
        try {
            var alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> one : alternatives) {
                    if (KINDS.contains(one.get(0)) && one.get(1) instanceof String name) {
                        names.add(name);
                    }
                }
            }
        } catch (CertificateParsingException malformed) {
            return List.of();
        }
        names.removeIf(name -> name.isEmpty() || name.indexOf('\0') >= 0);
        return List.copyOf(names);
    }

    /** The common name; none if there are several, of which nobody could tell which counts. */
    static List<String> commonNames(X509Certificate certificate) {
        try {
            List<String> names = new LdapName(
                            certificate.getSubjectX500Principal().getName())
                    .getRdns().stream()
                            .filter(part -> part.getType().equalsIgnoreCase("CN"))
                            .map(Rdn::getValue)
                            .filter(String.class::isInstance)
                            .map(String.class::cast)
                            .filter(name -> !name.isEmpty() && name.indexOf('\0') < 0)
                            .toList();
            return names.size() == 1 ? names : List.of();
        } catch (InvalidNameException malformed) {
            return List.of();
        }
    }
}
