import { family, type MetricFamily, sample } from "../family.ts";
import type { BuildInfo } from "@narthex/runtime";

/** Go's names of operating systems and processors that differ from Node's. Dashboards use these names. */
const GOOS: Readonly<Record<string, string>> = { win32: "windows" };
const GOARCH: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** Returns `<program>_build_info`, always 1, with build information in its labels. */
export const buildInfoFamily = (build: BuildInfo): MetricFamily =>
  family(
    "gauge",
    `${build.program}_build_info`,
    `A metric with a constant '1' value labeled by version, revision, branch, goversion from which ${build.program} was ` +
      "built, and the goos and goarch for the build.",
    [
      sample(1, {
        branch: build.branch,
        goarch: GOARCH[process.arch] ?? process.arch,
        goos: GOOS[process.platform] ?? process.platform,
        goversion: build.goVersion,
        revision: build.revision,
        tags: "unknown",
        version: build.version,
      }),
    ],
  );
