import { type Command, defineCommand } from "./command.ts";

/** A command of promtool's that this build does not have: it says so and fails, whatever its arguments. */
export const unavailable = (name: string, help: string): Command =>
  defineCommand({
    words: name.split(" "),
    help,
    flags: {},
    operands: [{ name: "args", help: "Passed over.", required: false, many: true }],
    run({ host }) {
      host.stderr(`promtool: error: '${name}' is not available in this build of narthex\n`);
      return Promise.resolve(1);
    },
  });
