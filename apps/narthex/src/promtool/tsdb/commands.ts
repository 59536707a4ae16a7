import type { CommandGroup } from "../../command-line/command.ts";
import type { PromtoolContext } from "../command.ts";
import { tsdbAnalyze } from "./analyze.ts";
import { benchWrite } from "./bench-write.ts";
import { createFromOpenMetrics } from "./create-openmetrics.ts";
import { createFromRules } from "./create-rules.ts";
import { tsdbDump, tsdbDumpOpenMetrics } from "./dump.ts";
import { tsdbList } from "./list.ts";
import { rewriteAsColumns, rewriteAsPrometheus } from "./rewrite-blocks.ts";

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
    {
      name: "rewrite-blocks-as",
      help: "Rewrite the blocks of a folder that no server uses, in place. (Narthex only.)",
      commands: [rewriteAsPrometheus, rewriteAsColumns],
    },
  ],
};
