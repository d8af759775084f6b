"""Secrets that have a form of their own, whatever stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Form(NamedTuple):
    """How secrets of one kind look."""

    kind: str
    hints: tuple[str, ...]
    """One of them is in every text that holds such a secret; to look for them costs next to nothing."""
    pattern: re.Pattern[str]
    """The last group is the secret, else all of it. Quantifiers are bounded, or start after something rare."""


def form(kind: str, hints: str, pattern: str) -> Form:
    """Return a form; its hints are separated by blanks."""
    return Form(kind, tuple(hints.split()), re.compile(pattern))


B = r"(?<![A-Za-z0-9])"  # not \b: `KEY_AKIA…` and `\nghp_…` in JSON
E = r"(?![A-Za-z0-9])"
RUN = r"(?:(?<![A-Za-z0-9_.-])|(?<=\\n))"  # the start of a run: to look from within it again takes the square of its length

# fmt: off
PREFIXES = (
    *((prefix, re.escape(prefix)) for prefix in (
        "npm_", "pypi-", "gsk_", "r8_", "dop_v1_", "doo_v1_", "dor_v1_", "lin_api_", "lin_oauth_", "ntn_", "sbp_", "sb_secret_",
        "pscale_tkn_", "pscale_pw_", "pscale_oauth_", "rnd_", "fo1_", "tskey-", "shpat_", "shppa_", "shpca_", "shpss_", "EAAA",
        "nvapi-", "xai-", "pplx-", "tvly-", "fw_", "jina_", "phc_", "phx_", "ATATT", "ATCTT", "sntrys_", "sntryu_", "glsa_",
        "glc_", "PMAK-", "NRAK-", "LTAI", "rubygems_", "CFPAT-", "sgp_", "vercel_", "figd_", "ops_eyJ", "wandb_v1_", "pul-",
        "AGE-SECRET-KEY-", "AGE-PLUGIN-", "dckr_pat_", "dckr_oat_", "flyv1_", "FlyV1 ", "ddp_", "lsv2_pt_", "lsv2_sk_",
        "pcsk_", "cal_live_", "sk.eyJ", "pk.eyJ", "xapp-", "xoxe.", "access_token$", "rzp_live_", "rzp_test_", "AQVN", "y0_",
        "esecret_", "apify_api_", "bkua_", "CCIPAT_", "gAAAAA", "nfp_", "shippo_live_", "duffel_live_", "AVNS_", "DO00",
        "rpa_", "hvs.", "hvb.", "hvr.", "pat-na1-", "pat-eu1-", "dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit.",
    )),
    ("sq0", "sq0[a-z]{3}-"), ("dapi", "dapi(?=[a-f0-9])"), ("fc-", "fc-(?=[a-f0-9]{32})"),
)
"""What tokens of one issuer begin with, and the pattern of it."""

FORMS = (
    form("API key", "sk- pk- rk- sk_ pk_ rk_",
         rf"{B}(?:sk|rk|pk)[-_](?:ant-|proj-|live_|test_|or-|svcacct-|admin-|lf-"
         rf"|None-)?(?=[A-Za-z_-]{{0,80}}\d)[A-Za-z0-9_-]{{16,250}}"),
    form("Google API key", "AIza", r"AIza[A-Za-z0-9_-]{35}"),
    form("Google token", "ya29. GOCSPX- 1//0",
         r"ya29\.[A-Za-z0-9_-]{20,2000}|GOCSPX-[A-Za-z0-9_-]{20,60}|1//0[A-Za-z0-9_-]{30,200}"),
    form("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
         r"(?:gh[pousr]_|github_pat_)[A-Za-z0-9_]{16,255}"),
    form("GitLab token", "glpat- gldt- glft- glsoat- glrt- glcbt- glimt- glptt- glagent- gloas- GR1348941",
         r"(?:gl(?:pat|dt|ft|soat|rt|cbt|imt|ptt|agent|oas)-|GR1348941)[A-Za-z0-9_.-]{16,255}"),
    form("Hugging Face token", "hf_ api_org_", rf"{B}(?:hf_|api_org_)[A-Za-z0-9]{{16,100}}"),
    *(form("token", hint, rf"{B}{pattern}(?=[A-Za-z_.$-]{{0,80}}\d)[A-Za-z0-9_.$=/+-]{{14,2000}}") for hint, pattern in PREFIXES),
    form("Notion token", "secret_ ", rf"{B}secret_(?=[A-Za-z]{{0,40}}\d)[A-Za-z0-9]{{32,60}}{E}"),
    form("Terraform token", ".atlasv1.", rf"{B}[A-Za-z0-9]{{14}}\.atlasv1\.[A-Za-z0-9_-]{{40,120}}"),
    form("Vault token", "s.", rf"{B}s\.(?=[A-Za-z]{{0,24}}\d)[A-Za-z0-9]{{24}}{E}"),
    form("Resend key", "re_", rf"{B}re_[A-Za-z0-9]{{8}}_[A-Za-z0-9]{{20,40}}"),
    form("AWS key", "AKIA ASIA ABIA ACCA A3T", r"(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}(?![A-Z0-9])"),
    form("AWS key", "ABSK bedrock-api-key-", r"(?:ABSK|bedrock-api-key-)[A-Za-z0-9+/=]{40,400}"),
    form("Slack token", "xox", r"xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,250}"),
    form("token", "eyJ", rf"{RUN}eyJ[A-Za-z0-9_-]{{8,4000}}\.eyJ[A-Za-z0-9_-]{{8,8000}}(?:\.[A-Za-z0-9_-]{{0,4000}})?"),
    form("token", "eyJ", rf"{RUN}eyJ[A-Za-z0-9_-]{{16,4000}}(?:\.[A-Za-z0-9_-]{{0,8000}}){{4}}"),
    form("webhook secret", "whsec_", r"whsec_[A-Za-z0-9+/=]{16,200}"),
    form("SendGrid key", "SG.", r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}"),
    form("Mailchimp key", "-us", rf"{B}[0-9a-f]{{32}}-us\d{{1,2}}{E}"),
    form("Mailgun key", "key-", rf"{B}key-[0-9a-f]{{32}}{E}|{B}[0-9a-f]{{32}}-[0-9a-f]{{8}}-[0-9a-f]{{8}}{E}"),
    form("Mailgun key", "-", rf"{B}[0-9a-f]{{32}}-[0-9a-f]{{8}}-[0-9a-f]{{8}}{E}"),
    form("Twilio key", "AC SK", rf"{B}(?:AC|SK)[0-9a-f]{{32}}{E}"),
    form("Telegram token", ":AA :A", rf"(?<!\d)\d{{8,10}}:A[A-Za-z0-9_-]{{33,34}}{E}"),
    form("Discord token", ".", rf"{B}[MNO][A-Za-z0-9_-]{{23,27}}\.[A-Za-z0-9_-]{{6}}\.[A-Za-z0-9_-]{{27,40}}"),
    form("Cloudinary key", "cloudinary://", r"cloudinary://\d{5,20}:([A-Za-z0-9_-]{10,60})@"),
    form("Azure secret", "8Q~ 7Q~", r"(?<![A-Za-z0-9~._-])[A-Za-z0-9~._-]{3}[78]Q~[A-Za-z0-9~._-]{31,40}"),
    form("Azure key", "AZ AC ==",
         r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{84,88}(?<=[A-Za-z0-9+/]{5})(?:AC[a-zA-Z]{2}"
         r"|\+AS[a-zA-Z]{2})[A-Za-z0-9+/]{0,6}={1,2}"),
    form("Databricks token", "dapi", rf"{B}dapi[a-f0-9]{{32}}(?:-\d)?{E}"),
    form("New Relic key", "NRAL", rf"{B}[a-f0-9]{{36}}NRAL{E}"),
    form("Heroku key", "HRKU-", r"HRKU-[A-Za-z0-9_-]{30,80}"),
    form("Facebook token", "EAA", rf"{B}EAA[A-Za-z0-9]{{30,400}}"),
    form("bitcoin key", "xprv", r"[xyz]prv[A-Za-z0-9]{100,120}"),
    form("password hash", "$", r"\$(?:apr1|2[abxy]|5|6|y|argon2id?|scrypt|pbkdf2-sha\d+)\$[A-Za-z0-9./$=,+-]{20,300}"),
    form("PuTTY key", "PuTTY-User-Key-File",
         r"PuTTY-User-Key-File-\d:(?:(?!PuTTY-User)[^\x00]){10,8000}?Private-MAC: ?[0-9a-f]{20,80}"),
    form("private key", "MII MHc MC4",
         rf"{B}(?:MII[A-Za-z0-9+/]{{2,3}}IBA[A-Za-z0-9+/]{{60,8000}}|MHcCAQEE[A-Za-z0-9+/]{{60,200}}"
         rf"|MC4CAQAwBQYDK2Vw[A-Za-z0-9+/]{{30,60}}|MIG[A-Za-z0-9+/]AgEAM[A-Za-z0-9+/]{{60,300}})={{0,2}}"),
    form("webhook", "hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{20,200})"),
    form("webhook", "/webhooks/", r"discord(?:app)?\.com/api/(?:v\d+/)?webhooks/(\d{10,25}/[A-Za-z0-9_-]{20,120})"),
    form("webhook", "webhook.office.com outlook.office.com", r"(?:webhook|outlook)\.office\.com/(webhook[\w@/-]{20,300})"),
    form("webhook", "hooks.zapier.com", r"hooks\.zapier\.com/hooks/catch/([\w/]{8,60})"),
    form("webhook", "chat.googleapis.com", r"chat\.googleapis\.com/v1/spaces/[\w-]{4,40}/messages\?(key=[\w=&%.-]{20,300})"),
    form("webhook", "oapi.dingtalk.com open.feishu.cn", r"(?:access_token=|/bot/v2/hook/)([A-Za-z0-9-]{20,80})"),
    form("webhook", "maker.ifttt.com", r"maker\.ifttt\.com/trigger/[\w-]{1,60}/(?:json/)?with/key/([\w-]{10,60})"),
    form("webhook", "api.telegram.org", r"api\.telegram\.org/bot(\d{6,12}:[A-Za-z0-9_-]{20,50})"),
    form("token", "infura.io alchemy.com quiknode.pro",
         r"(?:infura\.io/(?:ws/)?v3|alchemy\.com/v2|quiknode\.pro)/([A-Za-z0-9_-]{20,64})"),
)
"""All that we know, with no need for a name beside them."""
# fmt: on


def find(text: str) -> Iterator[tuple[str, str]]:
    """Yield each, and its kind."""
    for each in FORMS:
        if any(hint in text for hint in each.hints):
            for match in each.pattern.finditer(text):
                yield each.kind, match[each.pattern.groups]
