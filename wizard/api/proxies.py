"""The proxy variables of the environment, as httpx reads them."""

import ipaddress
import ssl
from contextlib import suppress
from urllib.parse import urlsplit


def proxy_trouble(variable: str, value: str) -> str:
    """Return why httpx cannot use a proxy variable, as a clause; empty if it can."""
    import httpx  # noqa: PLC0415 - takes 140 ms

    if variable.upper() == "NO_PROXY":
        for host in filter(None, map(str.strip, value.split(","))):
            try:
                httpx.URL(_direct(host))
            except (ValueError, httpx.InvalidURL):
                return f"{host!r} is not a host name"
        return ""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    address = value if "://" in value else f"http://{value}"
    try:
        proxy = httpx.Proxy(address)
        httpx.AsyncHTTPTransport(verify=context, proxy=proxy)
    except ImportError:
        return "it needs a package"
    except (ValueError, httpx.InvalidURL):
        return "it names no proxy"
    is_host = proxy.url.host and not any(map(str.isspace, value))
    return "" if is_host else "it names no proxy"


def _direct(host: str) -> str:
    """Return a host of NO_PROXY as httpx reads it."""
    if "://" in host:
        return host
    with suppress(ValueError):
        ipaddress.IPv6Address(host.split("/", maxsplit=1)[0])
        return f"all://[{host}]"
    return f"all://{host}"


def uses_proxy(url: str) -> bool:
    """Return whether a URL is reached through a proxy of the environment."""
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - slow, seldom needed

    parts, found = urlsplit(url), getproxies()
    if is_loopback(url) or not (found.get(parts.scheme) or found.get("all")):
        return False
    return not proxy_bypass(parts.hostname or "")


def is_loopback(url: str) -> bool:
    """Return whether a URL is on this machine. Proxies are not used for it."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.rstrip(".").lower() == "localhost"
