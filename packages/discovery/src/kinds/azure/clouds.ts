import { quote } from "@narthex/model";

/** A cloud of Azure. */
export interface AzureCloud {
  /** Name of the cloud in the settings of token requests. */
  readonly name: string;
  /** URL of the Azure Resource Manager. */
  readonly management: string;
  /** Scope of tokens for the Azure Resource Manager. */
  readonly scope: string;
}

const PUBLIC = cloud("AzurePublic", "azure.com", "windows.net");
const CHINA = cloud("AzureChina", "chinacloudapi.cn", "chinacloudapi.cn");
const GOVERNMENT = cloud("AzureGovernment", "usgovcloudapi.net", "usgovcloudapi.net");

/** Clouds by the names of the field `environment`, in capital letters. The German cloud does not exist any more. */
const CLOUDS: ReadonlyMap<string, AzureCloud> = new Map([
  ["AZURECHINACLOUD", CHINA],
  ["AZURECLOUD", PUBLIC],
  ["AZUREGERMANCLOUD", PUBLIC],
  ["AZUREPUBLICCLOUD", PUBLIC],
  ["AZUREUSGOVERNMENT", GOVERNMENT],
  ["AZUREUSGOVERNMENTCLOUD", GOVERNMENT],
]);

function cloud(name: string, domain: string, core: string): AzureCloud {
  // Two slashes: the name of the audience ends with a slash.
  const scope = `https://management.core.${core}//.default`;
  return { name, management: `https://management.${domain}`, scope };
}

/** Returns the cloud with a name. Throws for an unknown name. */
export function azureCloud(name: string): AzureCloud {
  const found = CLOUDS.get(name.toUpperCase());
  if (found !== undefined) return found;
  throw new Error(`there is no cloud configuration matching the name ${quote(name.toUpperCase())}`);
}
