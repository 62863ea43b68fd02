"""Countries of cloud regions, for residency. Only what is sure: a region that is not here may lie anywhere."""

from __future__ import annotations

import re

_AWS = {
    "ca-central-1": "CA", "ca-west-1": "CA", "mx-central-1": "MX", "sa-east-1": "BR", "eu-west-1": "IE",
    "eu-west-2": "GB", "eu-west-3": "FR", "eu-central-1": "DE", "eu-central-2": "CH", "eu-north-1": "SE",
    "eu-south-1": "IT", "eu-south-2": "ES", "ap-south-1": "IN", "ap-south-2": "IN", "ap-southeast-1": "SG",
    "ap-southeast-2": "AU", "ap-southeast-3": "ID", "ap-southeast-4": "AU", "ap-southeast-5": "MY",
    "ap-southeast-6": "NZ", "ap-southeast-7": "TH", "ap-northeast-1": "JP", "ap-northeast-2": "KR",
    "ap-northeast-3": "JP", "ap-east-1": "HK", "ap-east-2": "TW", "me-south-1": "BH", "me-central-1": "AE",
    "il-central-1": "IL", "af-south-1": "ZA", "cn-north-1": "CN", "cn-northwest-1": "CN",
}  # fmt: skip
_AZURE = {
    "canadacentral": "CA", "canadaeast": "CA", "mexicocentral": "MX", "brazilsouth": "BR", "brazilsoutheast": "BR",
    "chilecentral": "CL", "northeurope": "IE", "westeurope": "NL", "uksouth": "GB", "ukwest": "GB",
    "francecentral": "FR", "francesouth": "FR", "germanywestcentral": "DE", "germanynorth": "DE",
    "switzerlandnorth": "CH", "switzerlandwest": "CH", "norwayeast": "NO", "norwaywest": "NO",
    "swedencentral": "SE", "swedensouth": "SE", "polandcentral": "PL", "italynorth": "IT", "spaincentral": "ES",
    "austriaeast": "AT", "belgiumcentral": "BE", "denmarkeast": "DK", "centralindia": "IN", "southindia": "IN",
    "westindia": "IN", "jioindiawest": "IN", "jioindiacentral": "IN", "eastasia": "HK", "southeastasia": "SG",
    "japaneast": "JP", "japanwest": "JP", "koreacentral": "KR", "koreasouth": "KR", "australiaeast": "AU",
    "australiasoutheast": "AU", "australiacentral": "AU", "australiacentral2": "AU", "newzealandnorth": "NZ",
    "indonesiacentral": "ID", "malaysiawest": "MY", "southafricanorth": "ZA", "southafricawest": "ZA",
    "uaenorth": "AE", "uaecentral": "AE", "qatarcentral": "QA", "israelcentral": "IL",
    "eastus": "US", "eastus2": "US", "eastus3": "US", "centralus": "US", "northcentralus": "US",
    "southcentralus": "US", "westcentralus": "US", "westus": "US", "westus2": "US", "westus3": "US",
}  # fmt: skip
_GCP = {
    "northamerica-northeast1": "CA", "northamerica-northeast2": "CA", "northamerica-south1": "MX",
    "southamerica-east1": "BR", "southamerica-west1": "CL", "europe-central2": "PL", "europe-north1": "FI",
    "europe-north2": "SE", "europe-southwest1": "ES", "europe-west1": "BE", "europe-west2": "GB",
    "europe-west3": "DE", "europe-west4": "NL", "europe-west6": "CH", "europe-west8": "IT", "europe-west9": "FR",
    "europe-west10": "DE", "europe-west12": "IT", "asia-east1": "TW", "asia-east2": "HK", "asia-northeast1": "JP",
    "asia-northeast2": "JP", "asia-northeast3": "KR", "asia-south1": "IN", "asia-south2": "IN",
    "asia-southeast1": "SG", "asia-southeast2": "ID", "australia-southeast1": "AU", "australia-southeast2": "AU",
    "me-central1": "QA", "me-central2": "SA", "me-west1": "IL", "africa-south1": "ZA",
}  # fmt: skip
_COUNTRIES = {"aws": _AWS, "azure": _AZURE, "gcp": _GCP}


def country(provider: str, region: str) -> str:
    """Return the ISO code of the country in which a region lies, `any` where that is not known.

    >>> country("gcp", "europe-west4"), country("lambda", "us-south-1"), country("nebius", "eu-north1")
    ('NL', 'US', 'any')
    """
    known = _COUNTRIES.get(provider, {}).get(region.lower())
    return known or ("US" if re.match("us(-|$)", region.lower()) else "any")
