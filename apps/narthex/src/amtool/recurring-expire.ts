import { CommandError, defineCommand } from "../command-line/command.ts";
import type { Session } from "./session.ts";

/** `silence recurring expire`. */
export const recurringExpire = defineCommand<Session>({
  name: "expire",
  help: "End rules that silence again and again, and the silences they made. To end one occurrence, expire its silence.",
  operands: "[<rule-ids>...]",
  async run({ operands }, session) {
    if (operands.length === 0) throw new CommandError("no rule IDs specified");
    const client = await session.client();
    for (const id of operands) await client.deleteRecurringSilence(id);
    return 0;
  },
});
