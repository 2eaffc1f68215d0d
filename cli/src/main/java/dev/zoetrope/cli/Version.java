package dev.zoetrope.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of this build, and the revision of the sources if the launcher knows it. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {
            "zoetrope " + text(), "java " + Runtime.version() + " (" + System.getProperty("java.vendor") + ")"
        };
    }

    /** Such as {@code 0.1.0-SNAPSHOT (1a2b3c4)}. */
    static String text() {
        String revision = System.getProperty("zoetrope.revision", "");
        return number() + (revision.isEmpty() ? "" : " (" + revision + ")");
    }

    private static String number() {
        Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("build.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            return "unknown";
        }
        return properties.getProperty("version", "unknown");
    }
}
