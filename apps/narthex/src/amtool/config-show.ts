import { defineCommand } from "../command-line/command.ts";
import { goJsonLine } from "./print-answer.ts";
import type { Session } from "./session.ts";

export const configShow = defineCommand<Session>({
  name: "show",
  help: "View current config.",
  async run(_, session) {
    const status = await (await session.client()).status();
    const { config, versionInfo, uptime } = status;
    switch (session.settings.output) {
      case "json":
        session.print(goJsonLine(status));
        break;
      case "simple":
        session.print(config.original);
        break;
      case "extended": {
        session.print(config.original);
        const names = ["buildUser", "goVersion", "revision", "version", "branch", "buildDate"] as const;
        for (const name of names) session.print(`${name} ${versionInfo[name]}`);
        session.print(`uptime ${uptime}`);
      }
    }
    return 0;
  },
});
