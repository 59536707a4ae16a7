import { Menu } from "@mantine/core";
import { Link } from "react-router";
import { useRights } from "../data/rights.ts";
import { administrationLinks } from "../people/frame/administration-links.ts";

/** Menu items that lead to the administration pages that the user may open. */
export default function AdministrationItems() {
  const { data: rights } = useRights();
  const links = rights === undefined ? [] : administrationLinks.filter(({ isFor }) => isFor(rights));
  if (links.length === 0) return null;
  return (
    <>
      {rights?.isSignedIn === true && <Menu.Divider />}
      <Menu.Label>Administration</Menu.Label>
      {links.map(({ path, name, icon: LinkIcon }) => (
        <Menu.Item key={path} component={Link} to={path} leftSection={<LinkIcon size={16} aria-hidden />}>
          {name}
        </Menu.Item>
      ))}
    </>
  );
}
