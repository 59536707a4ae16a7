import { flagKinds } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { allRoles, managerOf, rolesNamed, type ServiceContext } from "./service-context.ts";

const flags = {
  follow: flagKinds.flag(false, "Show new lines until Ctrl-C.", { short: "f" }),
  lines: flagKinds.integer(100, "Number of existing lines to show first.", { short: "n" }),
};

export const logs = defineCommand<ServiceContext, typeof flags>({
  name: "logs",
  help: "Show what roles have logged.",
  operands: "<role>...",
  flags,
  async run({ values, operands }, context) {
    const { system } = context;
    const manager = managerOf(context);
    if (operands.length === 0) throw new CommandError("name the roles whose logs to show, or all");
    if (values.lines < 0) throw new CommandError(`--lines is how many lines to begin with, not ${values.lines}`);
    const absence = manager.absence(system);
    if (absence !== undefined) throw new CommandError(absence);
    const roles = rolesNamed(operands, allRoles(manager, system));
    return manager.logs(roles, values, system);
  },
});
