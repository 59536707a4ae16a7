import { JsonError, parseGoJson } from "@narthex/alerting";
import { diskFiles } from "@narthex/config";
import { flagKinds, mapWithLimit } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { AnswerError, type AlertmanagerClient } from "./alertmanager-client.ts";
import type { NewSilence } from "./api-shapes.ts";
import { readInput } from "./input-file.ts";
import type { Session } from "./session.ts";

const flags = {
  force: flagKinds.flag(false, "Force adding new silences even if it already exists.", { short: "f" }),
  worker: flagKinds.integer(8, "Number of concurrent workers to use for import.", { short: "w" }),
};

export const silenceImport = defineCommand<Session, typeof flags>({
  name: "import",
  help: "Import silences from a JSON file or stdin, as `silence query -o json` prints them.",
  operands: "[<input-file>]",
  flags,
  async run({ values, operands }, session) {
    const silences = parseSilences(await readInput(operands[0], diskFiles));
    const client = await session.client();
    let failed = 0;
    await mapWithLimit(silences, Math.max(1, values.worker), async (silence) => {
      if (!(await importOne(session, client, silence, values.force))) failed++;
    });
    if (failed > 0) throw new CommandError(`couldn't import ${failed} out of ${silences.length} silences`);
    return 0;
  },
});

/** Imports one silence. Prints the new id or the error. */
async function importOne(
  session: Session,
  client: AlertmanagerClient,
  silence: NewSilence,
  force: boolean,
): Promise<boolean> {
  const { id, ...nameless } = silence;
  try {
    session.print(await client.postSilence(force || id === undefined ? nameless : silence).catch(retryNameless));
    return true;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    session.host.stderr(`Error adding silence id='${id ?? ""}': ${error.message}\n`);
    return false;
  }

  function retryNameless(error: unknown): Promise<string> {
    if (error instanceof AnswerError && error.status === 404 && !force) return client.postSilence(nameless);
    throw error;
  }
}

function parseSilences(text: string): NewSilence[] {
  let parsed: unknown;
  try {
    if (parseGoJson(text) === undefined) throw new JsonError("EOF");
    parsed = JSON.parse(text);
  } catch (error) {
    throw new CommandError(`couldn't unmarshal input data, is it JSON?: ${(error as Error).message}`, { cause: error });
  }
  if (!Array.isArray(parsed)) throw new CommandError("couldn't unmarshal input data: write a list of silences");
  return parsed.map((item: NewSilence & Record<string, unknown>) => {
    const { status: _, updatedAt: __, ...silence } = item;
    return silence;
  });
}
