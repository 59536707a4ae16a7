import { text as readAll } from "node:stream/consumers";
import { buildInfo, createLogger, flagKinds, type FlagValues, type Host, parseFlags } from "@narthex/runtime";
import { openSqlite } from "@narthex/store";
import { splitArguments } from "../arguments.ts";
import { openUsers } from "../auth/accounts.ts";
import { hashPassword, passwordProblem } from "../auth/passwords/passwords.ts";
import { applyReset, leaveReset } from "../auth/passwords/password-reset.ts";
import { Passkeys } from "../auth/passkeys/passkeys.ts";
import { Sessions } from "../auth/sessions/sessions.ts";
import { applySecondStepReset, leaveSecondStepReset } from "../auth/two-step/second-step-reset.ts";
import { openTwoStepRemoval } from "../auth/two-step/two-step.ts";
import { type Context, openContext } from "../context.ts";
import { flags } from "../flags.ts";
import { rotateSecretKey } from "../secrets/secret-keys.ts";
import { databaseUrl, openStores } from "../state/stores.ts";

const USAGE = `usage: grafana cli [--homepath=<folder>] [--config=<file>] <command>

Commands:
  admin reset-admin-password [--user-id=<id>] [--password-from-stdin] [<password>]
  admin reset-second-step [--user=<login>]   removes the passkeys and two-step codes of a user
  admin rotate-secret-key   makes another key for stored secrets, which counts from the next start on
  plugins <command>   accepted: kinds of panels and data sources come with the program
`;

const table = {
  ...flags,
  "user-id": flagKinds.text("", "Id of the user whose password is reset. Default: the first one."),
  user: flagKinds.text("", "Login of the user whose second step is removed. Default: the first user."),
  "password-from-stdin": flagKinds.flag(false, "Read the password from standard input."),
  pluginsDir: flagKinds.text("", "Accepted for compatibility."),
  insecure: flagKinds.flag(false, "Accepted for compatibility."),
  debug: flagKinds.flag(false, "Accepted for compatibility."),
};

/**
 * Runs `grafana cli …`: administrative commands that work on the dashboards server's data folder. Returns the exit
 * status.
 */
export async function runCli(host: Host, readInput: () => Promise<string> = standardInput): Promise<number> {
  const { flags: args, overrides } = splitArguments(host.args);
  const outcome = parseFlags(table, args, { operands: true });
  if (outcome.kind !== "parsed") {
    if (outcome.kind === "error") host.stderr(`Error: ✗ ${outcome.message}\n\n${USAGE}`);
    else host.stdout(USAGE);
    return outcome.kind === "error" ? 1 : 0;
  }
  const { values, given, operands } = outcome.flags;
  const [group, command, ...rest] = operands;
  if (group === "plugins") {
    host.stderr("Plugins are not installed: kinds of panels and data sources come with the program\n");
    return 0;
  }
  const isReset = command === "reset-admin-password" && rest.length <= 1;
  const isRotation = command === "rotate-secret-key" && rest.length === 0;
  const isSecondStep = command === "reset-second-step" && rest.length === 0;
  if (group !== "admin" || !(isReset || isRotation || isSecondStep)) {
    host.stderr(USAGE);
    return 1;
  }
  try {
    const { clock } = host;
    const logger = createLogger({ level: "error", format: "logfmt", clock, write: (line) => host.stderr(line) });
    const role = { flags: values as FlagValues<typeof flags>, given, logger, build: buildInfo("grafana") };
    const context = openContext(host, role, overrides);
    if (isRotation) {
      await rotateKey(context);
      host.stdout("A new key was made ✔ Now restart the dashboards: they seal all stored secrets with it\n");
      return 0;
    }
    if (isSecondStep) {
      await resetSecondStep(context, values.user);
      host.stdout("Passkeys and two-step codes removed ✔ A running server removes them before the next login\n");
      return 0;
    }
    const password = values["password-from-stdin"] ? (await readInput()).replace(/\r?\n$/, "") : (rest[0] ?? "");
    await resetPassword(context, password, values["user-id"]);
    host.stdout("Admin password changed successfully ✔\n");
    return 0;
  } catch (error) {
    host.stderr(`Error: ✗ ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

const standardInput = (): Promise<string> => readAll(process.stdin);

async function rotateKey(context: Context): Promise<void> {
  // The key can be changed while the server runs, because the server reads the new key only at its next start.
  const stores = await openStores(context, openSqlite);
  try {
    await rotateSecretKey(context, stores);
  } finally {
    await stores.stop?.();
  }
}

async function resetPassword(context: Context, typed: string, id: string): Promise<void> {
  const { settings, clock, dataFolder } = context;
  const problem = passwordProblem(typed, settings["auth.basic.password_policy"]);
  if (problem !== undefined) throw new Error(problem);
  if (!/^\d{0,15}$/.test(id)) throw new Error(`--user-id: ${JSON.stringify(id)} is not an id`);
  const reset = { ...(id === "" ? {} : { userId: Number(id) }), password: await hashPassword(typed) };
  if (databaseUrl(settings) === undefined) {
    await leaveReset(dataFolder, reset);
    return;
  }
  const stores = await openStores(context);
  try {
    const { users, passwords } = await openUsers(context, stores.store);
    const sessions = await Sessions.open(stores.store, clock, settings);
    const user = await applyReset({ users, sessions, passwords }, reset);
    if (user === undefined) throw new Error("the user does not exist");
  } finally {
    await stores.stop?.();
  }
}

async function resetSecondStep(context: Context, login: string): Promise<void> {
  const { settings, clock, dataFolder } = context;
  const reset = login === "" ? {} : { user: login };
  if (databaseUrl(settings) === undefined) {
    await leaveSecondStepReset(dataFolder, reset);
    return;
  }
  const stores = await openStores(context);
  try {
    const { store } = stores;
    const { users } = await openUsers(context, store);
    const sessions = await Sessions.open(store, clock, settings);
    const passkeys = await Passkeys.open(store, clock);
    const twoStep = await openTwoStepRemoval({ store, clock });
    const user = await applySecondStepReset({ users, sessions, passkeys, twoStep }, reset);
    if (user === undefined) throw new Error("the user does not exist");
  } finally {
    await stores.stop?.();
  }
}
