package dev.zoetrope.data.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptionersTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(1500);

    @TempDir
    Path folder;

    @Test
    void templatesTakeLabelsAsWords() {
        assertThat(LabelTemplate.DEFAULT.caption(folder, "juggling")).isEqualTo("a video of juggling");
        assertThatThrownBy(() -> LabelTemplate.DEFAULT.caption(folder, "")).hasMessageContaining("neither a caption");
        assertThatThrownBy(() -> new LabelTemplate("a video")).hasMessageContaining("{label}");
        assertThat(LabelTemplate.words("ApplyEyeMakeup")).isEqualTo("apply eye makeup");
        assertThat(LabelTemplate.words("horse_riding-fast")).isEqualTo("horse riding fast");
        assertThat(LabelTemplate.words("Juggling")).isEqualTo("juggling");
        assertThat(LabelTemplate.words("TV")).isEqualTo("TV");
    }

    private static ProcessCaptioner program(String behaviour, Duration limit) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessCaptioner(
                List.of(
                        java,
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CaptionProgram.class.getName(),
                        behaviour),
                limit);
    }

    @Test
    void aProgramGetsFileAndHint() {
        assertThat(program("caption", LONG).caption(folder.resolve("a b.png"), "juggling"))
                .isEqualTo("someone is juggling, in a b.png");
    }

    @Test
    void aProgramThatFailsSaysHow() {
        Path clip = folder.resolve("a.png");
        assertThatThrownBy(() -> program("fail", LONG).caption(clip, "x"))
                .hasMessageContaining("status 3")
                .hasMessageContaining("no model there");
        assertThatThrownBy(() -> program("silent", LONG).caption(clip, "x")).hasMessageContaining("empty caption");
        assertThatThrownBy(() -> program("endless", LONG).caption(clip, "x")).hasMessageContaining("more than 65536");
        assertThatThrownBy(() -> program("hang", SHORT).caption(clip, "x")).hasMessageContaining("longer than 1.5 s");
        assertThatThrownBy(() -> new ProcessCaptioner(List.of("no-such-program-here"), LONG).caption(clip, "x"))
                .hasMessageContaining("cannot be started");
        assertThatThrownBy(() -> new ProcessCaptioner(List.of(""), LONG)).hasMessageContaining("empty");
        assertThatThrownBy(() -> new ProcessCaptioner(List.of("x"), Duration.ZERO))
                .hasMessageContaining("time limit");
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Test
    void aServerGetsNameHintAndBytes() throws IOException {
        Path clip = Files.writeString(folder.resolve("clip.png"), "the bytes");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        CountDownLatch never = new CountDownLatch(1);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/caption", exchange -> {
            JsonNode asked = new ObjectMapper().readTree(exchange.getRequestBody());
            String bytes =
                    new String(Base64.getDecoder().decode(asked.path("data").asText()), StandardCharsets.UTF_8);
            boolean post = exchange.getRequestMethod().equals("POST");
            String caption = String.join(
                    "|", asked.path("name").asText(), asked.path("hint").asText(), bytes, String.valueOf(post));
            answer(exchange, 200, "{\"caption\": \"" + caption + "\"}");
        });
        server.createContext("/busy", exchange -> answer(exchange, 503, "later"));
        server.createContext("/words", exchange -> answer(exchange, 200, "a horse"));
        server.createContext("/number", exchange -> answer(exchange, 200, "{\"caption\": 3}"));
        server.createContext("/much", exchange -> answer(exchange, 200, " ".repeat(100_000) + "{\"caption\": \"x\"}"));
        server.createContext("/elsewhere", exchange -> {
            exchange.getResponseHeaders().set("Location", "/caption");
            answer(exchange, 302, "");
        });
        server.createContext("/hang", exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            try {
                never.await();
            } catch (InterruptedException e) {
                exchange.close();
            }
        });
        server.start();
        try {
            String base = "http://127.0.0.1:" + server.getAddress().getPort();
            assertThat(new HttpCaptioner(URI.create(base + "/caption"), LONG).caption(clip, "riding"))
                    .isEqualTo("clip.png|riding|the bytes|true");
            expect(base + "/busy", LONG, clip, "status 503");
            expect(base + "/words", LONG, clip, "no JSON");
            expect(base + "/number", LONG, clip, "without a text");
            expect(base + "/much", LONG, clip, "more than 65536");
            expect(base + "/elsewhere", LONG, clip, "status 302");
            expect(base + "/hang", Duration.ofMillis(300), clip, "longer than 0.3 s");
        } finally {
            never.countDown();
            server.stop(0);
        }
        expect("http://127.0.0.1:" + server.getAddress().getPort() + "/caption", LONG, clip, "does not answer");
        assertThatThrownBy(() -> new HttpCaptioner(URI.create("file:///etc/hosts"), LONG))
                .hasMessageContaining("expected such as http");
    }

    private static void expect(String url, Duration limit, Path clip, String message) {
        assertThatThrownBy(() -> new HttpCaptioner(URI.create(url), limit).caption(clip, ""))
                .hasMessageContaining(message);
    }
}
