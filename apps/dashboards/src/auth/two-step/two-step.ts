import type { Clock, Logger } from "@narthex/runtime";
import type { ConditionalStore } from "@narthex/store";
import type { SecretBox } from "../../secrets/secret-box.ts";
import { Documents } from "../../state/documents.ts";
import { newRecoveryCodes, plainCode, recoveryDigest } from "./recovery-codes.ts";

/** The two-step codes of a user, stored under the user's id. */
interface SecondStep {
  readonly userId: number;
  /** Encrypted secret of the user's authenticator app. */
  readonly sealed: string;
  /** Digests of the unused recovery codes. */
  readonly recoveryCodes: readonly string[];
  /** Time step of the last accepted code. Codes of this step and of earlier steps are refused. */
  readonly lastStep: number;
  /** Number of wrong codes since `failedSince` (Unix ms). */
  readonly failures: number;
  readonly failedSince: number;
  /** Unix ms. */
  readonly createdAt: number;
}

/** A new secret that is not used yet, because the user has not confirmed it with a code. */
interface Setup {
  readonly userId: number;
  readonly sealed: string;
  /** Unix ms. */
  readonly expires: number;
}

export type CodeOutcome =
  | { readonly kind: "accepted" }
  | { readonly kind: "wrong" }
  /** There were too many wrong codes. Recovery codes are still accepted, because they are too long to guess. */
  | { readonly kind: "limited"; readonly waitMs: number };

const [COLLECTION, SETUPS] = ["two_step", "two_step_setups"];
/** Time in ms during which a user can confirm a setup. */
const SETUP_MS = 10 * 60_000;
/**
 * Maximum number of wrong codes of a user within the window (ms), from all addresses together. Someone who knows the
 * password guesses a code with a probability below 1 in 15,000 per hour: three of a million codes are valid at a time.
 */
const [MAX_FAILURES, FAILURES_MS] = [20, 60 * 60_000];

export interface TwoStepParts {
  readonly store: ConditionalStore;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The second step after a password: codes of authenticator apps (TOTP), and recovery codes. */
export class TwoStep {
  readonly #steps: Documents<SecondStep>;
  readonly #setups: Documents<Setup>;
  readonly #parts: TwoStepParts;

  private constructor(steps: Documents<SecondStep>, setups: Documents<Setup>, parts: TwoStepParts) {
    this.#steps = steps;
    this.#setups = setups;
    this.#parts = parts;
  }

  /** Reads the secrets, and encrypts them again with the current key. Rejects with StoreError. */
  static async open(parts: TwoStepParts): Promise<TwoStep> {
    const { steps, setups } = await openCollections(parts);
    const twoStep = new TwoStep(steps, setups, parts);
    await twoStep.#sealAgain();
    return twoStep;
  }

  /** Encrypts all secrets again with the current key, so that the operator can remove earlier keys. */
  async #sealAgain(): Promise<void> {
    const { box, logger } = this.#parts;
    for (const [key, { userId, sealed }] of this.#steps.entries()) {
      if (box.isCurrent(sealed, ownerOf(userId))) continue;
      const secret = box.open(sealed, ownerOf(userId));
      if (secret === undefined) {
        logger.error("The secret of a user's two-step codes cannot be read: only recovery codes are accepted", {
          userId,
          hint: "restore security.secret_key or the key file, or remove the user's second step",
        });
        continue;
      }
      const resealed = box.seal(secret, ownerOf(userId));
      await this.#steps.update(key, (before) => before && { ...before, sealed: resealed });
    }
  }

  /** Reports whether a user needs a code after the password. */
  isInForce(userId: number): boolean {
    return this.#steps.get(String(userId)) !== undefined;
  }

  /**
   * Reads from the store whether a user needs a code after the password. The memory may be outdated, because
   * notifications about other instances' changes may be delayed. Rejects with StoreError.
   */
  async isStored(userId: number): Promise<boolean> {
    await this.#steps.readAgain([String(userId)]);
    return this.isInForce(userId);
  }

  /** Returns the number of recovery codes that a user has left. */
  recoveryCodesLeft(userId: number): number {
    return this.#steps.get(String(userId))?.recoveryCodes.length ?? 0;
  }

  /**
   * Starts a setup for a user, which replaces an earlier setup. Resolves with the new secret. Rejects with StoreError.
   */
  async begin(userId: number): Promise<string> {
    const { newSecret } = await import("./totp.ts");
    const { box, clock } = this.#parts;
    const secret = newSecret();
    const now = clock.now();
    const expires = now + SETUP_MS;
    await this.#setups.change(() => ({
      put: new Map([[String(userId), { userId, sealed: box.seal(secret, setupOf(userId)), expires }]]),
      removed: [...this.#setups.values()]
        .filter((setup) => setup.userId !== userId && setup.expires <= now)
        .map((setup) => String(setup.userId)),
      expiresAt: expires,
      result: undefined,
    }));
    return secret;
  }

  /**
   * Turns on the codes of a user's setup. Resolves with the recovery codes, or with the reason of a refusal. Rejects
   * with StoreError.
   * @param endSessions ends the sessions that began without a code. If this fails, the codes are not turned on
   */
  async confirm(
    userId: number,
    code: string,
    endSessions: () => Promise<void>,
  ): Promise<readonly string[] | "no-setup" | "wrong" | "in-force"> {
    const { stepOf } = await import("./totp.ts");
    const { box, clock } = this.#parts;
    const setup = this.#setups.get(String(userId));
    const now = clock.now();
    const secret = setup === undefined || setup.expires <= now ? undefined : box.open(setup.sealed, setupOf(userId));
    if (secret === undefined) return "no-setup";
    const lastStep = stepOf(secret, plainCode(code), now);
    if (lastStep === undefined) return "wrong";
    if (this.isInForce(userId)) return "in-force";
    await endSessions();
    const codes = newRecoveryCodes();
    const made: SecondStep = {
      userId,
      sealed: box.seal(secret, ownerOf(userId)),
      recoveryCodes: codes.map(recoveryDigest),
      lastStep,
      failures: 0,
      failedSince: 0,
      createdAt: now,
    };
    const stored = await this.#steps.update(String(userId), (before) => before ?? made);
    if (stored !== made) return "in-force";
    await this.#setups.remove(String(userId));
    return codes;
  }

  /**
   * Checks a code of the app or a recovery code. An accepted code cannot be used again; wrong codes are counted. If
   * several requests or instances receive the same code, only one accepts it. Rejects with StoreError.
   */
  async take(userId: number, code: string): Promise<CodeOutcome> {
    const { stepOf } = await import("./totp.ts");
    const { box, clock } = this.#parts;
    const given = plainCode(code);
    const key = String(userId);
    return this.#steps.change<CodeOutcome>(() => {
      const before = this.#steps.get(key);
      const now = clock.now();
      if (before === undefined) return { result: { kind: "wrong" } };
      const changedTo = (change: Partial<SecondStep>, kind: "accepted" | "wrong") => ({
        put: new Map([[key, { ...before, ...change }]]),
        result: { kind },
      });
      if (!isAppCode(given)) {
        const digest = recoveryDigest(given);
        const left = before.recoveryCodes.filter((one) => one !== digest);
        if (left.length === before.recoveryCodes.length) return { result: { kind: "wrong" } };
        return changedTo({ recoveryCodes: left }, "accepted");
      }
      const isCounting = before.failedSince <= now && now < before.failedSince + FAILURES_MS;
      const failures = isCounting ? before.failures : 0;
      if (failures >= MAX_FAILURES)
        return { result: { kind: "limited", waitMs: before.failedSince + FAILURES_MS - now } };
      const secret = box.open(before.sealed, ownerOf(userId));
      const step = secret === undefined ? undefined : stepOf(secret, given, now);
      if (step !== undefined && step > before.lastStep) return changedTo({ lastStep: step }, "accepted");
      const failedSince = isCounting ? before.failedSince : now;
      return changedTo({ failures: failures + 1, failedSince }, "wrong");
    });
  }

  /**
   * Replaces the recovery codes of a user. Resolves with undefined if the user has no two-step codes. Rejects with
   * StoreError.
   */
  async renewRecoveryCodes(userId: number): Promise<readonly string[] | undefined> {
    const codes = newRecoveryCodes();
    const recoveryCodes = codes.map(recoveryDigest);
    const stored = await this.#steps.update(String(userId), (before) => before && { ...before, recoveryCodes });
    return stored && codes;
  }

  /** Removes the second step of a user. Rejects with StoreError. */
  removeOf(userId: number): Promise<void> {
    return removeFrom({ steps: this.#steps, setups: this.#setups }, userId);
  }
}

interface Collections {
  readonly steps: Documents<SecondStep>;
  readonly setups: Documents<Setup>;
}

const openCollections = async ({ store, clock }: Pick<TwoStepParts, "store" | "clock">): Promise<Collections> => ({
  steps: await Documents.open<SecondStep>(store, COLLECTION, { clock }),
  setups: await Documents.open<Setup>(store, SETUPS, { durability: "process", clock, dropExpiredAt: clock.now() }),
});

async function removeFrom({ steps, setups }: Collections, userId: number): Promise<void> {
  await steps.remove(String(userId));
  await setups.remove(String(userId));
}

/**
 * Opens two-step codes for the command line, which only removes them and has no key. If its settings differed from the
 * server's, it could encrypt secrets with a key that the server does not know. Rejects with StoreError.
 */
export async function openTwoStepRemoval(
  parts: Pick<TwoStepParts, "store" | "clock">,
): Promise<Pick<TwoStep, "removeOf">> {
  const collections = await openCollections(parts);
  return { removeOf: (userId) => removeFrom(collections, userId) };
}

const isAppCode = (code: string): boolean => /^\d{6}$/.test(code);

const ownerOf = (userId: number): string => `two-step codes of user ${userId}`;
const setupOf = (userId: number): string => `setup of two-step codes of user ${userId}`;
