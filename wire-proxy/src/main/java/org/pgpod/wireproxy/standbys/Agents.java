package org.pgpod.wireproxy.standbys;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks agents, over {@code GET /status}, what they say; whoever does not answer in time is left out. */
public final class Agents implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agents.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final int ANSWER_BYTES_MAX = 1 << 20;
    private static final int OK = 200;

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final ExecutorService askers = Executors.newVirtualThreadPerTaskExecutor();

    /** The answer of this one. */
    Optional<AgentAnswer> ask(URI address) throws InterruptedException {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(address).timeout(TIMEOUT).build();
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                byte[] document = body.readNBytes(ANSWER_BYTES_MAX + 1);
                boolean usable = response.statusCode() == OK && document.length <= ANSWER_BYTES_MAX;
                return usable ? Optional.of(AgentAnswer.parse(document)) : Optional.empty();
            }
        } catch (IOException noAnswer) {
            return Optional.empty();
        }
    }

    /** The answers of all of these, by the name of the member that gave it. */
    Map<String, AgentAnswer> ask(List<Member> members) throws InterruptedException {
        List<Callable<Optional<AgentAnswer>>> questions = new ArrayList<>();
        for (Member member : members) {
            questions.add(
                    () -> ask(address(member)).filter(answer -> answer.member().equals(member.name())));
        }
        List<AgentAnswer> answers = new ArrayList<>();
        for (Future<Optional<AgentAnswer>> one :
                askers.invokeAll(questions, 2 * TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
            try {
                if (!one.isCancelled()) {
                    one.get().ifPresent(answers::add);
                }
            } catch (ExecutionException unreadable) {
                LOG.debug("agent not asked", unreadable);
            }
        }
        return answers.stream().collect(Collectors.toMap(AgentAnswer::member, answer -> answer));
    }

    private static URI address(Member member) {
        String host = member.host().contains(":") ? "[" + member.host() + "]" : member.host();
        return URI.create("http://" + host + ":" + member.apiPort() + "/status");
    }

    @Override
    public void close() {
        askers.shutdownNow();
        client.shutdownNow();
    }
}
