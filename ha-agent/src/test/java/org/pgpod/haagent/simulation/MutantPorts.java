package org.pgpod.haagent.simulation;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.loop.Ports;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.LeasePut;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberLease;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.PromiseRequest;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.LeaseStore;
import org.pgpod.haagent.model.port.PeerPort;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.model.port.TokenPort;

/** Ports that are wrong in one point. */
final class MutantPorts {
    private MutantPorts() {}

    static Ports leases(Ports from, UnaryOperator<LeaseStore> change) {
        return with(from, change.apply(from.leases()), from.token(), from.peers());
    }

    private static Ports peers(Ports from, PeerPort peers) {
        return with(from, from.leases(), from.token(), peers);
    }

    private static Ports token(Ports from, TokenPort token) {
        return with(from, from.leases(), token, from.peers());
    }

    private static Ports with(Ports from, LeaseStore leases, TokenPort token, PeerPort peers) {
        return new Ports(
                from.clock(),
                from.scheduler(),
                leases,
                from.pods(),
                from.supervisor(),
                from.database(),
                from.slots(),
                from.configuration(),
                token,
                from.proxy(),
                from.libraries(),
                peers,
                from.configMap(),
                from.catalog(),
                from.wallClock(),
                from.remote(),
                from.hooks());
    }

    /** So many promises that the voters left over could not elect anybody if each commit were on all of them. */
    static Ports promisedByFew(Pod pod, Ports from) {
        PeerPort real = from.peers();
        return peers(from, new PeerPort() {
            @Override
            public List<MemberName> promises(PromiseRequest request, List<MemberStatus> members, Duration timeout) {
                List<MemberName> promised = real.promises(request, members, timeout);
                boolean some =
                        promised.size() >= members.size() - pod.cluster.record().w() + 1;
                return some
                        ? members.stream()
                                .flatMap(member -> member.name().stream())
                                .toList()
                        : promised;
            }

            @Override
            public String nonce() {
                return real.nonce();
            }
        });
    }

    private abstract static class Store implements LeaseStore {
        final LeaseStore real;

        Store(LeaseStore real) {
            this.real = real;
        }

        @Override
        public Reading<Optional<LeaseView>> readLeader(Duration timeout) {
            return real.readLeader(timeout);
        }

        @Override
        public LeasePut createLeader(LeaseDraft draft, Duration timeout) {
            return real.createLeader(draft, timeout);
        }

        @Override
        public LeasePut replaceLeader(LeaseDraft draft, String resourceVersion, Duration timeout) {
            return real.replaceLeader(draft, resourceVersion, timeout);
        }

        @Override
        public Reading<List<MemberLease>> readMembers(Duration timeout) {
            return real.readMembers(timeout);
        }

        @Override
        public Effect putMember(MemberStatus status, Duration timeout) {
            return real.putMember(status, timeout);
        }

        @Override
        public Effect removeMember(String pod, String resourceVersion, Duration timeout) {
            return real.removeMember(pod, resourceVersion, timeout);
        }
    }

    /** Reads the version only when it writes. */
    static Ports lateVersion(Pod pod, Ports from) {
        return leases(from, real -> new Store(real) {
            @Override
            public LeasePut replaceLeader(LeaseDraft draft, String resourceVersion, Duration timeout) {
                pod.cluster.time.sleep(pod.cluster.chance.upTo(800));
                String version =
                        pod.cluster.api.leader().map(LeaseView::resourceVersion).orElse(resourceVersion);
                return real.replaceLeader(draft, version, timeout);
            }
        });
    }

    /** Begins anew with epoch 1. */
    static Ports epochReset(Ports from) {
        return leases(from, real -> new Store(real) {
            @Override
            public LeasePut createLeader(LeaseDraft draft, Duration timeout) {
                Epoch first = Epoch.NONE.next();
                LeaseDraft anew = new LeaseDraft(
                        draft.holder(),
                        draft.duration(),
                        draft.record().change().epoch(first).build());
                return real.createLeader(anew, timeout);
            }
        });
    }

    /** Counts the deadlines of a token from when the grant was answered. */
    static Ports fromTheAnswer(Pod pod, Ports from) {
        long[] took = {0};
        Ports measured = leases(from, real -> new Store(real) {
            @Override
            public LeasePut replaceLeader(LeaseDraft draft, String resourceVersion, Duration timeout) {
                long sent = pod.node.nowMillis();
                LeasePut put = real.replaceLeader(draft, resourceVersion, timeout);
                took[0] = pod.node.nowMillis() - sent;
                return put;
            }
        });
        TokenPort real = from.token();
        return token(measured, new TokenPort() {
            @Override
            public Effect write(LeaseToken next) {
                return real.write(next.role() == LeaseToken.Role.PRIMARY ? later(next, took[0]) : next);
            }

            @Override
            public Optional<LeaseToken> read() {
                return real.read();
            }
        });
    }

    private static LeaseToken later(LeaseToken token, long millis) {
        return new LeaseToken(
                token.bootId(),
                token.sequence(),
                token.pod(),
                token.dataId(),
                token.epoch(),
                token.role(),
                token.phase(),
                token.untilMillis() + millis,
                token.stopMillis() + millis,
                token.killMillis() + millis,
                token.leader(),
                token.holdMillis());
    }
}
