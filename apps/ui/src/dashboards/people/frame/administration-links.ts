import {
  type Icon,
  IconDatabase,
  IconHistory,
  IconRobot,
  IconRestore,
  IconUsers,
  IconUsersGroup,
} from "@tabler/icons-react";
import { managesDataSources, managesServiceAccounts, type Rights } from "../../data/rights.ts";

/** A link in the menu "Administration" and in the navigation of the administration pages. */
export interface AdministrationLink {
  readonly path: string;
  readonly name: string;
  readonly icon: Icon;
  /** Reports whether the user may open the page. Other users do not see the link. */
  readonly isFor: (rights: Rights) => boolean;
}

/** The administration pages that have a link. `people/pages.ts` explains how to add a page. */
export const administrationLinks: readonly AdministrationLink[] = [
  { path: "/admin/users", name: "Users", icon: IconUsers, isFor: ({ isServerAdmin }) => isServerAdmin },
  {
    path: "/org/users",
    name: "Users",
    icon: IconUsers,
    isFor: ({ isOrgAdmin, isServerAdmin }) => isOrgAdmin && !isServerAdmin,
  },
  { path: "/org/teams", name: "Teams", icon: IconUsersGroup, isFor: ({ isInTeam }) => isInTeam },
  {
    path: "/org/serviceaccounts",
    name: "Service accounts",
    icon: IconRobot,
    isFor: managesServiceAccounts,
  },
  {
    path: "/connections/datasources",
    name: "Data sources",
    icon: IconDatabase,
    isFor: managesDataSources,
  },
  { path: "/dashboard/recently-deleted", name: "Deleted", icon: IconRestore, isFor: ({ mayRestore }) => mayRestore },
  { path: "/admin/audit", name: "Audit log", icon: IconHistory, isFor: ({ isServerAdmin }) => isServerAdmin },
];
