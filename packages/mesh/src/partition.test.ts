import fc from "fast-check";
import { expect, test } from "vitest";
import { type Instance, MeshRig, namesAt } from "./testing/mesh-rig.ts";

const HOSTS = ["a", "b", "c", "d"] as const;

const pair = fc.tuple(fc.constantFrom(...HOSTS), fc.constantFrom(...HOSTS));
const step = fc.oneof(
  fc.record({ what: fc.constant("cut" as const), pair }),
  fc.record({ what: fc.constant("heal" as const) }),
  fc.record({ what: fc.constant("kill" as const), host: fc.constantFrom(...HOSTS) }),
  fc.record({ what: fc.constant("start" as const), host: fc.constantFrom(...HOSTS), renamed: fc.boolean() }),
  fc.record({ what: fc.constant("stop" as const), host: fc.constantFrom(...HOSTS) }),
  fc.record({
    what: fc.constant("set" as const),
    host: fc.constantFrom(...HOSTS),
    key: fc.constantFrom("x", "y", "z"),
  }),
  fc.record({ what: fc.constant("wait" as const), ms: fc.constantFrom(1, 7, 100, 700, 3000, 8000, 30_000) }),
);

test("after any disconnections, kills, restarts and changes, the running instances know each other and agree once all are connected", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const rig = new MeshRig();
      const running = new Map<string, Instance>();
      const seeds = HOSTS.map((host) => `${host}:1`);
      let version = 0;
      for (const host of HOSTS) running.set(host, await rig.start({ host, seeds }));
      for (const one of steps) {
        switch (one.what) {
          case "cut":
            if (one.pair[0] !== one.pair[1]) rig.network.cut(...one.pair);
            break;
          case "heal":
            rig.network.heal();
            break;
          case "kill":
          case "stop": {
            const victim = running.get(one.host);
            running.delete(one.host);
            if (victim === undefined) break;
            if (one.what === "kill") await rig.kill(victim);
            else void victim.mesh.stop();
            break;
          }
          case "start": {
            if (running.has(one.host)) break;
            // Waits until the port of the instance that has ended on this host is free.
            await rig.clock.advance(10);
            const name = one.renamed ? `${one.host}${version++}` : one.host;
            running.set(one.host, await rig.start({ host: one.host, name, seeds }));
            break;
          }
          case "set":
            running.get(one.host)?.set(one.key, version++);
            break;
          case "wait":
            await rig.clock.advance(one.ms);
            break;
        }
      }
      rig.network.heal();
      await rig.clock.advance(45_000);
      const all = [...running.values()];
      const names = all
        .map(({ mesh }) => mesh.self.name)
        .sort()
        .join(" ");
      for (const one of all) {
        expect(namesAt(one)).toBe(names);
        expect(one.state.digest()).toBe(all[0]!.state.digest());
        expect(one.mesh.stats()).toMatchObject({ queued: 0, health: 0 });
      }
    }),
    { numRuns: 100 },
  );
});
