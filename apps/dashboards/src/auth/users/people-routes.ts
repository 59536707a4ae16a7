import type { FastifyInstance } from "fastify";
import type { Context } from "../../context.ts";
import { accountRoutes, removeUser } from "./account-routes.ts";
import type { Accounts } from "../accounts.ts";
import { adminRoutes, matching, useOf } from "./admin-routes.ts";
import { memberRoutes } from "../organization/member-routes.ts";
import { organizationRoutes } from "../organization/organization-routes.ts";
import type { Passkeys } from "../passkeys/passkeys.ts";
import { memberItem } from "./profile-view.ts";
import type { TwoStep } from "../two-step/two-step.ts";

interface PeopleRoutesOptions extends Accounts {
  readonly context: Context;
  readonly passkeys: Passkeys;
  readonly twoStep: TwoStep;
}

/** Adds the routes with which admins manage users, the organization and its members. */
export function peopleRoutes(app: FastifyInstance, options: PeopleRoutesOptions): void {
  const { context, users, teams, organization } = options;
  adminRoutes(app, options);
  accountRoutes(app, options);
  organizationRoutes(app, organization);
  memberRoutes(app, {
    users,
    clock: context.clock,
    matching: (words) => matching(users, words),
    view: (user) => memberItem(user, useOf(options, user)),
    removeUser: (id) => removeUser(options, id),
    leaveTeams: (id) => teams.removeUser(id),
  });
}
