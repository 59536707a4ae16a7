import { formatDuration, parseDuration } from "@narthex/model";
import { flagKinds, type Host } from "@narthex/runtime";
import { FolderLockedError, rewriteBlocks } from "@narthex/tsdb";
import { promtoolCommand } from "../command.ts";
import { EXIT_FAILURE, EXIT_OK } from "../lint-settings.ts";
import { databaseOperand, databasePath, failureText } from "./database.ts";

/**
 * The command that converts blocks of the cold tier back to Prometheus's format, so that Prometheus can read all
 * blocks.
 */
export const rewriteAsPrometheus = promtoolCommand({
  name: "prometheus",
  help: "Bring the blocks of the cold tier back to Prometheus' format. (Narthex only.)",
  flags: {},
  operands: [databaseOperand],
  run: ({ host, operands: [operand] }) => rewrite(host, operand, false, 0),
});

/** The command that converts blocks to the format of the cold tier, as --storage.tsdb.cold-after does. */
export const rewriteAsColumns = promtoolCommand({
  name: "columns",
  help: "Move blocks to the cold tier. (Narthex only.)",
  flags: {
    "cold-after": flagKinds.parsed(
      0,
      parseDuration,
      formatDuration,
      "Only blocks that end so long before the newest one: they are not merged any more.",
    ),
  },
  operands: [databaseOperand],
  run: ({ host, flags, operands: [operand] }) => rewrite(host, operand, true, flags["cold-after"]),
});

async function rewrite(host: Host, operand: string | undefined, columnar: boolean, minAgeMs: number): Promise<number> {
  const path = databasePath(host, operand);
  try {
    const problems = await rewriteBlocks(path.real, {
      columnar,
      minAgeMs,
      onBlock: ({ meta }, after) => host.stdout(`${meta.ulid} -> ${after?.ulid ?? "nothing: all of it was deleted"}\n`),
    });
    for (const problem of problems) host.stderr(`${problem}\n`);
    return problems.length === 0 ? EXIT_OK : EXIT_FAILURE;
  } catch (cause) {
    const text = cause instanceof FolderLockedError ? cause.message : failureText(cause, path);
    if (text === undefined) throw cause;
    host.stderr(`${text}\n`);
    return EXIT_FAILURE;
  }
}
