from django.urls import path

from leeward.server.reports import views

urlpatterns = [
    path("tell/", views.tell, name="tell"),
    path("tell/help/", views.tell_help, name="tell_help"),
    path("tell/sent/", views.sent, name="tell_sent"),
    path("tell/sent/note.png", views.receipt_picture, name="tell_picture"),
    path("tell/sent/reminder.ics", views.reminder, name="tell_reminder"),
    path("tell/sent/push/", views.sent_push, name="tell_push"),
    path("tell/forget/", views.forget, name="tell_forget"),
    path("tell/adult/", views.adult, name="tell_adult"),
    path("tell/flagger/", views.flagger, name="tell_flagger"),
    path("tell/<slug:step>/", views.tell, name="tell_step"),
    path("answer/", views.answer, name="answer"),
    path("answer/view/", views.answer_view, name="answer_view"),
    path("answer/reply/", views.reply, name="answer_reply"),
    path("answer/again/", views.again, name="answer_again"),
    path("answer/helped/", views.helped, name="answer_helped"),
    path("answer/push/", views.push, name="answer_push"),
    path("answer/leave/", views.leave, name="answer_leave"),
    path("answer/worker.js", views.worker, name="answer_worker"),
]
