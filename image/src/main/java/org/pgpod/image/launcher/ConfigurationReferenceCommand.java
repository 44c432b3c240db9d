package org.pgpod.image.launcher;

import java.util.List;
import java.util.concurrent.Callable;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.SectionSchema;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code pgpod configuration}: prints the configuration reference, made from the options that the code declares. */
@Command(name = "configuration", description = "Prints every configuration option, as Markdown.")
final class ConfigurationReferenceCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
        out.print(markdown(Sidecars.schemas()));
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    static String markdown(List<SectionSchema> schemas) {
        StringBuilder page = new StringBuilder("""
                # Configuration

                One YAML file of sections, given as `--config FILE` to `pgpod run`. Every option can be overridden by an environment
                variable, which wins over the file. Unknown sections, options and variables are refused, and all problems are reported
                together. This page is made by `pgpod configuration`.
                """);
        for (SectionSchema schema : schemas) {
            page.append("\n## `")
                    .append(schema.name())
                    .append("`\n\n")
                    .append(schema.title())
                    .append("\n\n");
            page.append("| option | default | allowed | meaning | variable |\n|---|---|---|---|---|\n");
            for (Option<?> option : schema.options()) {
                page.append("| `").append(option.key()).append("` | ");
                page.append(option.defaultText()
                        .map(text -> text.isEmpty() ? "empty" : "`" + cell(text) + "`")
                        .orElse("must be set"));
                page.append(" | ").append(cell(option.allowed()));
                page.append(" | ").append(cell(option.description()));
                page.append(" | `").append(schema.environmentName(option.key())).append("` |\n");
            }
        }
        return page.toString();
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }
}
