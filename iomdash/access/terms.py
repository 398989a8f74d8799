"""The terms on which whoever signs in handles what they see. A change of the words is a new
version, which everybody accepts anew.
"""

from hashlib import sha256

TERMS: tuple[str, ...] = (
    "What is shown here is for the partnership's own work. Do not pass it on outside of it, in "
    "whole or in part, unless the partnership has agreed to that.",
    "Small groups are protected. Do not try to work out who said something, or whether somebody "
    "is in the data, from this site or together with anything else that you know.",
    "If you think that you can tell who somebody is, tell nobody who, and tell the partnership's "
    "analyst at once that it can be done.",
    "What you download falls under the same terms. Keep it where only people of the partnership "
    "reach it, and delete it when you need it no more.",
    "Sign-in, sign-out, what you download and views of pages with people's own words or answers "
    "are recorded, with the time and your name at the provider.",
)

VERSION = sha256("\n".join(TERMS).encode()).hexdigest()[:12]
