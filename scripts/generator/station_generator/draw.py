"""Random draws that give the same result on every Python version.

Only ``random.Random.random()`` is promised to repeat for a seed, so everything here
is made from it.
"""

import random


class Draw:
    """A seeded source of draws; the same key gives the same draws for ever."""

    def __init__(self, *key):
        self.rnd = random.Random(":".join(str(part) for part in key)).random

    def below(self, limit):
        """An integer from 0 to ``limit - 1``."""
        return int(self.rnd() * limit)

    def between(self, low, high):
        """An integer from ``low`` to ``high``, both included."""
        return low + int(self.rnd() * (high - low + 1))

    def chance(self, probability):
        return self.rnd() < probability

    def pick(self, items):
        return items[int(self.rnd() * len(items))]

    def shuffled(self, items):
        """A new list of the items in random order (Fisher and Yates)."""
        result = list(items)
        for last in range(len(result) - 1, 0, -1):
            other = self.below(last + 1)
            result[last], result[other] = result[other], result[last]
        return result

    def spread(self, total, parts, low, high, skew=1.0):
        """Split ``total`` into ``parts`` integers between ``low`` and ``high``.

        :param skew: above 1 most parts are near ``low`` and a few near ``high``
        :return: list of integers whose sum is exactly ``total``; where the limits
            cannot hold (a very small total) the one in the way is dropped
        """
        if not parts:
            return []
        low = min(low, total // parts)
        high = max(high, -(-total // parts))
        values = [
            low + int((high - low + 1) * self.rnd() ** skew) for _ in range(parts)
        ]
        order = self.shuffled(range(parts))
        missing = total - sum(values)
        while missing:
            share = max(1, abs(missing) // parts)
            for index in order:
                if missing > 0:
                    step = min(share, missing, high - values[index])
                else:
                    step = max(-share, missing, low - values[index])
                values[index] += step
                missing -= step
                if not missing:
                    break
        return values
