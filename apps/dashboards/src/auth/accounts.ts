import type { ConditionalStore } from "@narthex/store";
import type { Context } from "../context.ts";
import { ServiceAccounts } from "./service-accounts.ts";
import { Sessions } from "./sessions.ts";
import { Teams } from "./teams.ts";
import { Tokens } from "./tokens.ts";
import { type NewUser, Users } from "./users.ts";

/** The stored users, teams and service accounts, and the sessions and tokens with which they sign in. */
export interface Accounts {
  readonly users: Users;
  readonly teams: Teams;
  readonly serviceAccounts: ServiceAccounts;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
}

/**
 * Opens the accounts. Rejects with StoreError.
 * @param earlier users that are imported from a Grafana
 */
export async function openAccounts(
  context: Context,
  store: ConditionalStore,
  earlier: readonly NewUser[],
): Promise<Accounts> {
  const { clock, settings } = context;
  const users = await Users.open(context, store, earlier);
  return {
    users,
    teams: await Teams.open(store, clock),
    serviceAccounts: new ServiceAccounts(users, clock),
    tokens: await Tokens.open(store, clock),
    sessions: await Sessions.open(store, clock, settings),
  };
}
