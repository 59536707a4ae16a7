import { type Command, CommandError, defineCommand } from "../command-line/command.ts";
import type { AlertmanagerClient } from "./alertmanager-client.ts";
import type { Session } from "./session.ts";

export const silenceExpire = expireCommand("silence", "Expire silences.", (client, id) => client.deleteSilence(id));

export const recurringExpire = expireCommand(
  "rule",
  "Expire rules of recurring silences, and the silences that they have created. To end one occurrence, expire its silence.",
  (client, id) => client.deleteRecurringSilence(id),
);

/**
 * Defines an `expire` command, which expires silences or recurring rules by their ids, one after the other. `noun`
 * names them in messages.
 */
function expireCommand(
  noun: string,
  help: string,
  expire: (client: AlertmanagerClient, id: string) => Promise<unknown>,
): Command<Session> {
  return defineCommand<Session>({
    name: "expire",
    help,
    operands: `[<${noun}-ids>...]`,
    async run({ operands }, session) {
      if (operands.length === 0) throw new CommandError(`no ${noun} IDs specified`);
      const client = await session.client();
      for (const id of operands) await expire(client, id);
      return 0;
    },
  });
}
