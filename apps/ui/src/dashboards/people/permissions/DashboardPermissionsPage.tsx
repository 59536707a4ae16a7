import { useParams } from "react-router";
import { PermissionsPage } from "./PermissionsPage.tsx";

export default function DashboardPermissionsPage() {
  const { uid = "", slug = "" } = useParams();
  const path = `/d/${encodeURIComponent(uid)}/${encodeURIComponent(slug)}`;
  return <PermissionsPage kind="dashboards" uid={uid} back={{ path, name: "Open the dashboard" }} />;
}
