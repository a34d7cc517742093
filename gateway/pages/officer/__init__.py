"""The pages of an office's officers, and of those who sort: a queue, and a case on one screen."""

from gateway.pages.officer import answers, cases, queue, sorting, triage

ROUTERS = (queue.router, cases.router, answers.router, triage.router, sorting.router)

__all__ = ["ROUTERS"]
