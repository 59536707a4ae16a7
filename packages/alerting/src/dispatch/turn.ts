import type { Coordination } from "./coordination.ts";

/** A pause between two attempts that other instances may use. */
export interface SharedPause {
  begin(): void;
  /** Waits for the turn again; false when another instance has told meanwhile. */
  end(signal: AbortSignal): Promise<boolean>;
}

/** An instance's turn with one entry of the notification log, which it may give away and take again. */
export class Turn {
  readonly #coordination: Coordination;
  readonly #key: string;
  #end: (() => Promise<void>) | undefined;
  #ending: Promise<void> = Promise.resolve();

  private constructor(coordination: Coordination, key: string) {
    this.#coordination = coordination;
    this.#key = key;
  }

  /** Waits for it. Rejects when the signal aborts. */
  static async take(coordination: Coordination, key: string, signal: AbortSignal): Promise<Turn> {
    const turn = new Turn(coordination, key);
    turn.#end = await coordination.turn(key, signal);
    return turn;
  }

  /** Pauses that give the turn away; undefined where instances go by another rule. */
  pauses(hasBeenTold: () => boolean): SharedPause | undefined {
    if (this.#coordination.passesTurns !== true) return undefined;
    return {
      begin: () => void this.end(),
      end: async (signal) => {
        await this.#ending;
        this.#end = await this.#coordination.turn(this.#key, signal);
        return !hasBeenTold();
      },
    };
  }

  end(): Promise<void> {
    const end = this.#end;
    this.#end = undefined;
    if (end !== undefined) this.#ending = end();
    return this.#ending;
  }
}
