// Teaches the gesture before anybody has to use it, and says what the camera is for.
import QtQuick

Item {
    id: page

    readonly property var notes: bridge.screen.paragraphs ?? []

    GestureLesson {
        id: lesson
        width: parent.width
        height: page.height - answers.height - notice.height - 64
    }

    Answers {
        id: answers
        width: parent.width
        y: lesson.height + 32
        tileHeight: 170
    }

    Words {
        id: notice
        y: page.height - height
        width: parent.width
        text: page.notes.join(" ")
        color: bridge.theme.muted
        size: 28
    }
}
