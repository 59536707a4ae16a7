import { useParams } from "react-router";
import { PermissionsPage } from "./PermissionsPage.tsx";

export default function FolderPermissionsPage() {
  const { uid = "", slug = "" } = useParams();
  const path = `/dashboards/f/${encodeURIComponent(uid)}/${encodeURIComponent(slug)}`;
  return <PermissionsPage kind="folders" uid={uid} back={{ path, name: "Open the folder" }} />;
}
