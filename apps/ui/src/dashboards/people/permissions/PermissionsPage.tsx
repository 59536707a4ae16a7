import "../../styles/mantine.css";
import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { PageHeader } from "../../../shell/PageHeader.tsx";
import { PermissionEditor, permissionsQuery } from "./PermissionEditor.tsx";
import type { PlaceKind } from "./permissions-api.ts";

const NAMES: Readonly<Record<PlaceKind, string>> = {
  folders: "folder",
  dashboards: "dashboard",
  datasources: "data source",
  serviceaccounts: "service account",
};

/** The page of the permissions of a folder, a dashboard or a data source. */
export function PermissionsPage({
  kind,
  uid,
  back,
}: {
  kind: PlaceKind;
  uid: string;
  /** The page to which the link above the permissions leads. */
  back: { readonly path: string; readonly name: string };
}) {
  const title = useQuery(permissionsQuery(kind, uid)).data?.title;
  return (
    <>
      <PageHeader title={`Permissions of the ${NAMES[kind]}${title === undefined ? "" : ` ${title}`}`}>
        <Anchor component={Link} to={back.path} size="sm">
          {back.name}
        </Anchor>
      </PageHeader>
      <PermissionEditor key={`${kind} ${uid}`} kind={kind} uid={uid} />
    </>
  );
}
