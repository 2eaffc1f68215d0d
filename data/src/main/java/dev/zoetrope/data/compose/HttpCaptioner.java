package dev.zoetrope.data.compose;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;

/**
 * A server that captions. For each clip one POST to the URL that the user gave, and to no other (redirects are not
 * followed): {@code {"name": "000001.png", "hint": "juggling", "data": "<base64 of the file>"}}; the answer is status 200
 * and {@code {"caption": "..."}}, at most 64 KiB. Clips of up to 64 MiB are sent.
 */
public final class HttpCaptioner implements Captioner {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MOST_BYTES = 64L << 20;

    private final URI url;
    private final Duration limit;
    private final HttpClient client;

    /**
     * @param url {@code http} or {@code https}
     * @param limit for one clip, connecting and answering, above 0
     */
    public HttpCaptioner(URI url, Duration limit) {
        boolean web = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
        if (!web || url.getHost() == null) {
            throw ZoetropeException.badInput(
                    "the captioner's address is \"%s\", expected such as http://127.0.0.1:8080/caption", url);
        }
        Limits.check(limit);
        this.url = url;
        this.limit = limit;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(limit)
                .executor(Limits.THREADS)
                .build();
    }

    @Override
    public String name() {
        return url.toString();
    }

    @Override
    public String caption(Path file, String hint) {
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(limit)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(question(file, hint)))
                .build();
        Answer answer = new Answer();
        // The consumer throws when the answer is too long, which ends the exchange.
        var handler = HttpResponse.BodyHandlers.ofByteArrayConsumer(
                part -> part.ifPresent(bytes -> answer.add(bytes, bytes.length)));
        long deadline = System.nanoTime() + limit.toNanos();
        HttpResponse<Void> response = Limits.get(client.sendAsync(request, handler), deadline, limit);
        if (response.statusCode() != 200) {
            throw ZoetropeException.badInput(
                    "the captioner at %s answered with status %d, expected 200", url, response.statusCode());
        }
        return Answer.caption(caption(answer.text()));
    }

    private static String question(Path file, String hint) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw ZoetropeException.badInput("%s is larger than 64 MiB; it is not sent", file);
            }
            String data = Base64.getEncoder().encodeToString(Files.readAllBytes(file));
            return JSON.writeValueAsString(
                    Map.of("name", String.valueOf(file.getFileName()), "hint", hint, "data", data));
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s", file, e.getMessage());
        }
    }

    private String caption(String text) {
        JsonNode caption;
        try {
            caption = JSON.readTree(text).path("caption");
        } catch (JsonProcessingException e) {
            throw ZoetropeException.badInput(
                    "the captioner at %s answered with no JSON: %s", url, String.valueOf(e.getOriginalMessage()));
        }
        if (!caption.isTextual()) {
            throw ZoetropeException.badInput("the captioner at %s answered without a text \"caption\"", url);
        }
        return caption.asText();
    }
}
