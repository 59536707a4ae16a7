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
  take({ id, name, role, isDisabled, tokens }: GrafanaServiceAccount): Promise<boolean> {
    return taken(this.#context, "service account", name, async () => {
      const account = await this.#auth.serviceAccounts.adopt({ name, role, isDisabled });
      if (id !== undefined) this.#subjects.addServiceAccount(id, account);
      for (const token of tokens) {
        const adopt = (): Promise<void> => this.#auth.tokens.adopt(account.id, token);
        if (await taken(this.#context, "token", `${name}/${token.name}`, adopt)) this.#tokenCount++;
      }
    });
  }
}
