import type { Identity, OrgRole } from "@narthex/http";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Level } from "../auth/levels.ts";
import { levelWith, type OwnPermissions, type Permission } from "./own-permissions.ts";

const ROLES = ["None", "Viewer", "Editor", "Admin"] as const;
const level = fc.constantFrom(1, 2, 4);
const permission: fc.Arbitrary<Permission> = fc.oneof(
  fc.record({ role: fc.constantFrom<OrgRole>("Viewer", "Editor"), level }),
  fc.record({ userId: fc.integer({ min: 1, max: 3 }), level }),
  fc.record({ teamId: fc.integer({ min: 1, max: 3 }), level }),
);
const own: fc.Arbitrary<OwnPermissions> = fc.record(
  { permissions: fc.array(permission, { maxLength: 5 }), isForAdmins: fc.boolean(), creatorId: fc.nat(3) },
  { requiredKeys: [] },
);
const identity: fc.Arbitrary<Identity> = fc.record({
  kind: fc.constant("user" as const),
  id: fc.integer({ min: 0, max: 3 }),
  role: fc.constantFrom(...ROLES),
  isServerAdmin: fc.boolean(),
  teams: fc.uniqueArray(fc.integer({ min: 1, max: 3 })).map((teams) => new Set(teams)),
});
const inherited = fc.constantFrom<Level | undefined>(undefined, 0, 1, 2, 4);

test("an account gets the highest level of its role, its teams, itself and the folder above, in any order of permissions", () => {
  fc.assert(
    fc.property(own, identity, inherited, (place, who, above) => {
      const found = levelWith(place, who, above);
      const granted = (place.permissions ?? []).filter((one) =>
        "role" in one ? who.role === one.role : "userId" in one ? one.userId === who.id : who.teams.has(one.teamId),
      );
      const levels = granted.map((one) => one.level);
      if (place.isForAdmins !== true) levels.push(above ?? 0);
      if (place.permissions === undefined && place.isForAdmins !== true && above === undefined) {
        levels.push(({ None: 0, Viewer: 1, Editor: 2, Admin: 0 } as const)[who.role]);
        if (who.id > 0 && who.id === place.creatorId) levels.push(4);
      }
      expect(found).toBe(Math.max(0, ...levels));
      const reversed = place.permissions && { ...place, permissions: place.permissions.toReversed() };
      if (reversed !== undefined) expect(levelWith(reversed, who, above)).toBe(found);
    }),
  );
});
