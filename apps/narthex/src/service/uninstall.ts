import { flagKinds } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { launcherOf } from "./launcher.ts";
import { allRoles, managerOf, rolesNamed, type ServiceContext } from "./service-context.ts";
import { shellCommand } from "./shell-words.ts";
import { perform, printed } from "./steps.ts";

const flags = {
  print: flagKinds.flag(false, "Show what would be done, and change nothing."),
  destdir: flagKinds.text("", "Remove files below this folder, to which `install --destdir` wrote them."),
};

export const uninstall = defineCommand<ServiceContext, typeof flags>({
  name: "uninstall",
  help: "Stop roles and remove their services. Data, configuration and users stay; the output shows how to remove them.",
  operands: "<role>...",
  flags,
  async run({ values, operands }, context) {
    const { system } = context;
    const { host } = system;
    const manager = managerOf(context);
    if (operands.length === 0) throw new CommandError("name the roles to remove, or all");
    const roles = rolesNamed(operands, allRoles(manager, system));
    if (!values.print) {
      const absence = manager.absence(system);
      if (absence !== undefined) throw new CommandError(absence);
      const missing = await manager.missingRight(system);
      if (missing !== undefined) {
        const { words } = launcherOf(
          { env: host.env, execPath: system.execPath, script: system.script },
          roles[0]!.role,
        );
        const command = shellCommand([...missing.sudo, ...words, "service", ...host.args]);
        throw new CommandError(`${missing.right}; run: ${command}`);
      }
    }
    // Check all services before changing any of them.
    const removals = [];
    for (const role of roles) removals.push(await manager.uninstall(role, system));
    for (const { name, steps, remains } of removals) {
      if (steps.length === 0) host.stdout(`${name} is not installed\n`);
      for (const step of steps) {
        if (values.print) host.stdout(printed(step));
        else await perform(step, system);
      }
      if (remains.length > 0) {
        const stay = remains.map((line) => `  ${line}\n`).join("");
        host.stdout(`${name} is removed except for the following; the commands remove it:\n${stay}`);
      }
    }
    return 0;
  },
});
