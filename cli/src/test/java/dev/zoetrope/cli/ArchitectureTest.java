package dev.zoetrope.cli;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import java.util.Random;
import java.util.Set;

/** The arrows between the modules, and the raw calls nobody may make. */
@AnalyzeClasses(packages = "dev.zoetrope", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String TORCH = "org.bytedeco.pytorch.global.torch";
    private static final Set<String> FACTORIES = Set.of(
            "empty",
            "zeros",
            "ones",
            "full",
            "rand",
            "randn",
            "randint",
            "randperm",
            "arange",
            "linspace",
            "eye",
            "empty_like",
            "zeros_like",
            "ones_like",
            "full_like",
            "rand_like",
            "randn_like",
            "manual_seed");

    @ArchTest
    static final ArchRule ARROWS_GO_ONE_WAY = Architectures.layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("tensor")
            .definedBy("dev.zoetrope.tensor..")
            .layer("media")
            .definedBy("dev.zoetrope.media..")
            .layer("train")
            .definedBy("dev.zoetrope.train..")
            .optionalLayer("metrics")
            .definedBy("dev.zoetrope.metrics..")
            .layer("data")
            .definedBy("dev.zoetrope.data..")
            .layer("diffusion")
            .definedBy("dev.zoetrope.diffusion..")
            .optionalLayer("systems")
            .definedBy("dev.zoetrope.vidrd..", "dev.zoetrope.moft..")
            .layer("cli")
            .definedBy("dev.zoetrope.cli..")
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("systems")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("diffusion")
            .mayOnlyBeAccessedByLayers("systems", "cli")
            .whereLayer("data")
            .mayOnlyBeAccessedByLayers("diffusion", "systems", "cli")
            .whereLayer("train")
            .mayOnlyBeAccessedByLayers("metrics", "data", "diffusion", "systems", "cli")
            .whereLayer("metrics")
            .mayOnlyBeAccessedByLayers("data", "diffusion", "systems", "cli")
            .whereLayer("media")
            .mayOnlyBeAccessedByLayers("train", "metrics", "data", "diffusion", "systems", "cli");

    @ArchTest
    static final ArchRule MODULES_HAVE_NO_CYCLES =
            slices().matching("dev.zoetrope.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule TENSORS_ARE_MADE_IN_ONE_PLACE = noClasses()
            .that()
            .resideOutsideOfPackage("dev.zoetrope.tensor..")
            .should()
            .callMethodWhere(describe("a raw factory of LibTorch", ArchitectureTest::isFactory))
            .because("some of them drop options silently; use Tensors and SeededGenerator");

    @ArchTest
    static final ArchRule NOTHING_IS_UNPICKLED = noClasses()
            .should()
            .callMethodWhere(describe(
                    "pickle_load, torch.load or torch.jit",
                    call -> call.getName().equals("pickle_load")
                            || call.getTargetOwner().getName().equals(TORCH)
                                    && call.getName().equals("load")))
            .because("it returns an empty result for what it cannot read; use WeightFiles");

    @ArchTest
    static final ArchRule NO_NATIVE_DATA_LOADER = noClasses()
            .should()
            .dependOnClassesThat(DescribedPredicate.describe(
                    "are LibTorch's data loader",
                    type -> type.getPackageName().startsWith("org.bytedeco.pytorch")
                            && type.getSimpleName().contains("DataLoader")))
            .because("it crashes or returns the whole set; use ClipBatches");

    @ArchTest
    static final ArchRule NATIVE_CODE_IS_LOADED_UNDER_THE_LOCK = noClasses()
            .that(DescribedPredicate.describe("are not the guarded loaders", type -> !isGuardedLoader(type)))
            .should()
            .callMethodWhere(describe(
                    "Loader.load",
                    call -> call.getTargetOwner().getName().equals("org.bytedeco.javacpp.Loader")
                            && call.getName().equals("load")))
            .because("two processes on a cold cache crash; use NativeLibraries.load");

    @ArchTest
    static final ArchRule ONLY_THE_PROGRAM_EXITS = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(Zoetrope.class.getName())
            .should()
            .callMethod(System.class, "exit", int.class)
            .because("a library never ends its caller; throw ZoetropeException");

    @ArchTest
    static final ArchRule RANDOM_NUMBERS_COME_FROM_SEEDED_GENERATORS = noClasses()
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Random.class)
            .orShould()
            .callMethod(Math.class, "random")
            .because("its numbers are not those of other machines and versions; use SeededGenerator");

    private static boolean isFactory(JavaCall<?> call) {
        String name = call.getName();
        return call.getTargetOwner().getName().equals(TORCH)
                && (FACTORIES.contains(name)
                        || name.startsWith("torch_") && FACTORIES.contains(name.substring("torch_".length())));
    }

    private static boolean isGuardedLoader(JavaClass type) {
        String name = type.getName();
        return name.startsWith("dev.zoetrope.tensor.LibTorch") || name.equals("dev.zoetrope.media.FFmpeg");
    }
}
