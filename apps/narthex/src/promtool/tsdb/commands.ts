import type { CommandGroup } from "../../command-line/command.ts";
import type { PromtoolContext } from "../command.ts";
import { tsdbAnalyze } from "./analyze.ts";
import { benchWrite } from "./bench-write.ts";
import { createFromOpenMetrics } from "./create-openmetrics.ts";
import { createFromRules } from "./create-rules.ts";
import { tsdbDump, tsdbDumpOpenMetrics } from "./dump.ts";
import { tsdbList } from "./list.ts";

/** `promtool tsdb …` */
export const tsdbCommands: CommandGroup<PromtoolContext> = {
  name: "tsdb",
  help: "Run tsdb commands.",
  commands: [
    { name: "bench", help: "Run benchmarks.", commands: [benchWrite] },
    tsdbAnalyze,
    tsdbList,
    tsdbDump,
    tsdbDumpOpenMetrics,
    {
      name: "create-blocks-from",
      help: "[Experimental] Import samples from input and produce TSDB blocks.",
      commands: [createFromOpenMetrics, createFromRules],
    },
  ],
};
