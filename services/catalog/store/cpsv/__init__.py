"""A catalogue in the words of CPSV-AP 3.2, the European vocabulary of public services.

Needs rdflib (the extra `rdf`). Files are bounded and nothing is fetched: a JSON-LD file that
names a context elsewhere is refused. What the vocabulary lacks (who has an office in every region;
a term in working days, where `cv:processingTime` is an estimate in those of the calendar) stands in
properties of our own, which others may ignore. An id that stopped is `dct:isReplacedBy` another.
"""

from services.catalog.store.cpsv.reading import read
from services.catalog.store.cpsv.words import FORMATS
from services.catalog.store.cpsv.writing import write

__all__ = ["FORMATS", "read", "write"]
