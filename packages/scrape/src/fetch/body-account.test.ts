import { expect, test } from "vitest";
import { BodyAccount, type Charged } from "./body-account.ts";

const MIB = 1024 * 1024;

class Body implements Charged {
  charged = 0;
  reason = "";
  readonly #account: BodyAccount;

  constructor(account: BodyAccount) {
    this.#account = account;
  }

  take(mib: number): void {
    this.#account.charge(this, mib * MIB);
    this.charged += mib * MIB;
  }

  breakOff(reason: Error): void {
    this.reason = reason.message;
  }

  giveBack(): void {
    this.#account.release(this, this.charged);
    this.charged = 0;
  }
}

test("where there is no room for another byte, the longest body gives up, whoever asks", () => {
  const account = new BodyAccount(100 * MIB);
  const [long, short] = [new Body(account), new Body(account)];
  long.take(70);
  short.take(20);
  short.take(20);
  expect(long.reason).toContain("more than 100MiB, the limit of --scrape.max-body-memory");
  expect(long.reason).toContain("with 70MiB so far");
  long.giveBack();
  expect(account.held).toBe(40 * MIB);
  expect(() => short.take(80)).toThrow("with 40MiB so far");
  short.giveBack();
  expect(account.held).toBe(0);
});

test("a body that has arrived keeps its memory", () => {
  const account = new BodyAccount(100 * MIB);
  const [there, coming] = [new Body(account), new Body(account)];
  there.take(90);
  account.arrived(there);
  expect(() => coming.take(20)).toThrow("body size limit exceeded");
  expect(there.reason).toBe("");
});
