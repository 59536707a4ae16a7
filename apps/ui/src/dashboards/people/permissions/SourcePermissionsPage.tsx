import { useParams } from "react-router";
import { PermissionsPage } from "./PermissionsPage.tsx";

const ALL = { path: "/connections/datasources", name: "All data sources" };

export default function SourcePermissionsPage() {
  const { uid = "" } = useParams();
  return <PermissionsPage kind="datasources" uid={uid} back={ALL} />;
}
