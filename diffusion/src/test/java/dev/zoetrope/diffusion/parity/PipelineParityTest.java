package dev.zoetrope.diffusion.parity;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineParityTest {
    @ParameterizedTest
    @ValueSource(strings = {"pipeline-text-to-video", "pipeline-animatediff"})
    void pipelinesEqualTheReference(String name) {
        NetworkParityTest.check(new PipelineParity(), name);
    }
}
