import type { ConditionalStore } from "@narthex/store";
import type { Context } from "../context.ts";
import { Credentials } from "./credentials/credentials.ts";
import { FirstPassword } from "./passwords/first-password.ts";
import { makeFirstUser } from "./passwords/first-user.ts";
import { type ImportedUser, importUsers } from "./users/imported-users.ts";
import { Organization } from "./organization/organization.ts";
import { passwordSetter, type PasswordSetter } from "./passwords/set-password.ts";
import { ServiceAccounts } from "./service-accounts.ts";
import { Sessions } from "./sessions/sessions.ts";
import { Teams } from "./teams.ts";
import { Tokens } from "./tokens/tokens.ts";
import { Users } from "./users/users.ts";

/** The stored users, teams and service accounts, and the sessions and tokens with which they sign in. */
export interface Accounts {
  readonly users: Users;
  readonly credentials: Credentials;
  readonly passwords: PasswordSetter;
  readonly teams: Teams;
  readonly organization: Organization;
  readonly serviceAccounts: ServiceAccounts;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
}

/** Opens the users, and the function that sets their passwords. Rejects with StoreError if the store fails. */
export async function openUsers({ clock, dataFolder }: Pick<Context, "clock" | "dataFolder">, store: ConditionalStore) {
  const credentials = await Credentials.open(store);
  const users = await Users.open(store, credentials);
  const firstPassword = new FirstPassword(dataFolder);
  return { users, credentials, firstPassword, passwords: passwordSetter({ users, credentials, firstPassword, clock }) };
}

/**
 * Opens the accounts. Rejects with StoreError.
 * @param earlier users that are imported from a Grafana
 */
export async function openAccounts(
  context: Context,
  store: ConditionalStore,
  earlier: readonly ImportedUser[],
): Promise<Accounts> {
  const { clock, settings } = context;
  const { users, credentials, firstPassword, passwords } = await openUsers(context, store);
  await importUsers(earlier, { users, passwords }, context.logger);
  await makeFirstUser(context, { users, credentials, firstPassword });
  return {
    users,
    credentials,
    passwords,
    teams: await Teams.open(store, clock),
    organization: await Organization.open(store),
    serviceAccounts: new ServiceAccounts(users, clock),
    tokens: await Tokens.open(store, clock),
    sessions: await Sessions.open(store, clock, settings),
  };
}
