"""Plone Intranet's task over Celery: a post as the user, with requests, acknowledged late. The peer of callbacks.ts.

python3 celery_tasks.py BROKER enqueue COUNT URL    puts tasks on the queue
python3 celery_tasks.py BROKER work CONCURRENCY     runs them, prefork
"""
import sys

import requests
from celery import Celery

app = Celery("tasks", broker=sys.argv[1])


@app.task(name="post", bind=True, acks_late=True, max_retries=3, default_retry_delay=30, ignore_result=True)
def post(self, url, name, cookies, data):
    try:
        response = requests.post(url, headers={"X-celery-task-name": name}, cookies=cookies, data=data)
    except requests.exceptions.RequestException as error:
        raise self.retry(exc=error)
    if response.status_code != 200:
        raise self.retry()


if sys.argv[2] == "enqueue":
    for number in range(int(sys.argv[3])):
        post.delay(
            sys.argv[4],
            "job-%d" % number,
            {"__ac": "a-ticket-of-some-length-as-they-are-in-plone"},
            {"_authenticator": "a-token-of-plone-protect"},
        )
else:
    app.worker_main(["worker", "--pool=prefork", "--loglevel=error", "--concurrency=" + sys.argv[3]])
