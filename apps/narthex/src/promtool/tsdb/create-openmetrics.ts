import { mkdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { ExpositionError } from "@narthex/exposition";
import { formatGoDuration, parseGoDuration } from "@narthex/model";
import { flagKinds, type Host } from "@narthex/runtime";
import { BlockBuilder, diskFiles, folderBytes } from "@narthex/tsdb";
import { promtoolCommand } from "../command.ts";
import { EXIT_FAILURE, EXIT_OK } from "../lint-settings.ts";
import { type Pairs, pairsFlag } from "../pairs-flag.ts";
import { blockTable } from "./block-table.ts";
import { blockDuration, windowStart } from "./block-windows.ts";
import { failureText } from "./database.ts";
import { type InputPieces, inputPieces } from "./input-pieces.ts";
import { ImportError, samplesBetween, timeRange } from "./openmetrics-samples.ts";

const TWO_HOURS_MS = 7_200_000;

export const createFlags = {
  "human-readable": flagKinds.flag(false, "Print human readable values.", { short: "r" }),
  quiet: flagKinds.flag(false, "Do not print created blocks.", { short: "q" }),
  "max-block-duration": flagKinds.parsed(
    TWO_HOURS_MS,
    parseGoDuration,
    formatGoDuration,
    "The maximum duration of a created block, at least 2h.",
    { hidden: true },
  ),
};

export const createFromOpenMetrics = promtoolCommand({
  name: "openmetrics",
  help: "Import samples from OpenMetrics input and produce TSDB blocks. Please refer to the storage docs for more details.",
  flags: {
    ...createFlags,
    label: pairsFlag(
      {},
      "Label to attach to metrics. Can be specified multiple times. Example --label=label_name=label_value",
    ),
  },
  operands: [
    { name: "input file", required: true },
    { name: "output directory", required: false },
  ],
  async run({ host, flags, operands: [file, folder = "data/"] }) {
    const dir = resolve(host.cwd, folder);
    let stage = "";
    try {
      statSync(resolve(host.cwd, file!));
      const input = inputPieces(resolve(host.cwd, file!));
      mkdirSync(dir, { recursive: true });
      stage = "getting min and max timestamp: ";
      const range = timeRange(input);
      stage = "block creation: process blocks: ";
      const dropped = createBlocks(host, input, range, { dir, flags });
      if (dropped > 0) {
        host.stderr(`${dropped} samples were left out: the input has them behind later ones of the same series\n`);
      }
      return EXIT_OK;
    } catch (cause) {
      const text = inputProblem(cause) ?? failureText(cause, { shown: file!, real: resolve(host.cwd, file!) });
      if (text === undefined) throw cause;
      host.stderr(`${stage}${text}\n`);
      return EXIT_FAILURE;
    }
  },
});

function inputProblem(cause: unknown): string | undefined {
  if (cause instanceof ExpositionError) return `next: ${cause.message}`;
  return cause instanceof ImportError ? cause.message : undefined;
}

interface Target {
  readonly dir: string;
  readonly flags: {
    readonly "human-readable": boolean;
    readonly quiet: boolean;
    readonly "max-block-duration": number;
    readonly label: Pairs;
  };
}

/**
 * Writes a block for each window that contains samples. Returns the number of samples that were dropped because they
 * are older than earlier samples of their series.
 */
function createBlocks(
  host: Host,
  input: InputPieces,
  { minTime, maxTime }: ReturnType<typeof timeRange>,
  { dir, flags }: Target,
): number {
  const duration = blockDuration(flags["max-block-duration"]);
  let dropped = 0;
  let header = true;
  let next = windowStart(minTime, duration);
  while (next <= maxTime) {
    const builder = new BlockBuilder({
      // As in promtool, the chunk range is twice the block duration, so that chunks are not cut at the end of a block.
      chunkRangeMs: 2 * duration,
      now: () => host.clock.now(),
      random: Math.random,
    });
    const from = windowStart(next, duration);
    const later = samplesBetween(input, from, from + duration, Object.entries(flags.label), (labels, time, value) => {
      if (!builder.append(labels, time, value)) dropped++;
    });
    const meta = builder.write(dir);
    if (meta !== undefined && !flags.quiet) {
      host.stdout(
        blockTable(
          [{ meta, sizeBytes: folderBytes(resolve(dir, meta.ulid), diskFiles) }],
          header,
          flags["human-readable"],
        ),
      );
      header = false;
    }
    next = later;
  }
  return dropped;
}
