import { Anchor, type AnchorProps } from "@mantine/core";
import { createContext, type ReactNode, use } from "react";
import { Link } from "react-router";
import { alertmanager, type AlertmanagerApi } from "../api/alertmanager.ts";

/** The Alertmanager that the components of this folder show: its API and the path of its pages. */
export interface ManagerPlace {
  readonly api: AlertmanagerApi;
  /** Path of its pages on this host. Undefined if they are the pages of this router. */
  readonly pages: string | undefined;
}

/** Provides the Alertmanager. By default, this is the program whose pages are shown. */
export const ManagerContext = createContext<ManagerPlace>({ api: alertmanager, pages: undefined });

/** A link to a page of the Alertmanager. */
export function ManagerLink({ to, ...props }: AnchorProps & { readonly to: string; readonly children: ReactNode }) {
  const { pages } = use(ManagerContext);
  return pages === undefined ? (
    <Anchor size="xs" component={Link} to={to} {...props} />
  ) : (
    <Anchor size="xs" href={`${pages}${to}`} {...props} />
  );
}
