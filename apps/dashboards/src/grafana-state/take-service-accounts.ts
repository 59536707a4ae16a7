import type { Permission } from "../access/own-permissions.ts";
import type { Auth } from "../auth/auth.ts";
import type { Context } from "../context.ts";
import type { GrafanaServiceAccount } from "./grafana-service-accounts.ts";
import { taken } from "./take-object.ts";
import type { TakenSubjects } from "./taken-subjects.ts";

/** Imports Grafana's service accounts with their tokens. */
export class ServiceAccountTaker {
  readonly #context: Context;
  readonly #auth: Pick<Auth, "serviceAccounts" | "tokens">;
  readonly #subjects: TakenSubjects;
  #tokenCount = 0;
  /** Permissions that the imported accounts have in Grafana, by the accounts' ids in this program. */
  readonly #permissions = new Map<number, readonly Permission[]>();

  constructor(context: Context, auth: Pick<Auth, "serviceAccounts" | "tokens">, subjects: TakenSubjects) {
    this.#context = context;
    this.#auth = auth;
    this.#subjects = subjects;
  }

  /** Number of imported tokens. */
  get tokenCount(): number {
    return this.#tokenCount;
  }

  /**
   * Imports an account. An interrupted import may already have added it. Returns false if it was refused. Rejects with
   * StoreError.
   */
  take({ id, name, role, isDisabled, tokens, permissions }: GrafanaServiceAccount): Promise<boolean> {
    return taken(this.#context, "service account", name, async () => {
      const account = await this.#auth.serviceAccounts.adopt({ name, role, isDisabled });
      if (id !== undefined) this.#subjects.addServiceAccount(id, account);
      this.#permissions.set(account.id, permissions);
      for (const token of tokens) {
        const adopt = (): Promise<void> => this.#auth.tokens.adopt(account.id, token);
        if (await taken(this.#context, "token", `${name}/${token.name}`, adopt)) this.#tokenCount++;
      }
    });
  }

  /**
   * Imports the permissions to manage the accounts. Must be called after all users and teams were imported. Accounts
   * that have permissions in this program keep them. Rejects with StoreError.
   */
  async takePermissions(): Promise<void> {
    const { serviceAccounts } = this.#auth;
    for (const [id, wanted] of this.#permissions) {
      const permissions = this.#subjects.permissionsHere(wanted);
      const account = serviceAccounts.byId(id);
      if (account === undefined || permissions.length === 0) continue;
      await serviceAccounts.setPermissions(account, (own) => (own.length > 0 ? own : permissions));
    }
  }
}
