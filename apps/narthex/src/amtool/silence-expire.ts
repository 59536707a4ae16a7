import { CommandError, defineCommand } from "../command-line/command.ts";
import type { Session } from "./session.ts";

/** `silence expire`. */
export const silenceExpire = defineCommand<Session>({
  name: "expire",
  help: "Expire silences.",
  operands: "[<silence-ids>...]",
  async run({ operands }, session) {
    if (operands.length === 0) throw new CommandError("no silence IDs specified");
    const client = await session.client();
    for (const id of operands) await client.deleteSilence(id);
    return 0;
  },
});
